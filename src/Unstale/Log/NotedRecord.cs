namespace Unstale.Log;

/// <summary>A record that this node knows.</summary>
/// <param name="Generation">The history that it is part of.</param>
/// <param name="Epoch">The node's epoch then: entries of another one were not held at the same time.</param>
/// <param name="Sequence">Its place.</param>
/// <param name="Record">The record.</param>
internal readonly record struct NotedRecord(Generation Generation, int Epoch, long Sequence, InvalidationRecord Record);
