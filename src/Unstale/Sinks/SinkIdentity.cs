namespace Unstale.Sinks;

/// <summary>Identity of a sink.</summary>
/// <param name="Name">Name of the sink, unique within the cache.</param>
/// <param name="Cache">Name of the cache to which the sink was added.</param>
/// <param name="Log">Name of the log whose invalidations the sink receives.</param>
internal sealed record SinkIdentity(string Name, string Cache, string Log);
