namespace Unstale.Log;

/// <summary>One epoch of a node, shared by all records noted in it.</summary>
/// <param name="Generation">Generation followed in the epoch.</param>
/// <param name="Epoch">Number of the epoch.</param>
internal sealed record NotedEpoch(Generation Generation, int Epoch);
