namespace Unstale.Targets;

/// <summary>Which target is meant.</summary>
/// <param name="Name">Its name; no two of a cache have the same.</param>
/// <param name="Cache">The cache that it was added to.</param>
/// <param name="Log">The log that it is told of.</param>
internal sealed record TargetIdentity(string Name, string Cache, string Log);
