namespace Unstale.Sinks;

/// <summary>Identity of a target.</summary>
/// <param name="Name">Name of the target, unique within the cache.</param>
/// <param name="Cache">Name of the cache to which the target was added.</param>
/// <param name="Log">Name of the log whose invalidations the target receives.</param>
internal sealed record SinkIdentity(string Name, string Cache, string Log);
