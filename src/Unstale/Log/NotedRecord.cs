namespace Unstale.Log;

/// <summary>Record seen by this node.</summary>
/// <param name="Generation">Generation of the record.</param>
/// <param name="Epoch">Epoch of the node at that time. Entries of another epoch were not held at the same time.</param>
/// <param name="Sequence">Sequence of the record.</param>
/// <param name="Record">Record at this position.</param>
internal readonly record struct NotedRecord(Generation Generation, int Epoch, long Sequence, InvalidationRecord Record);
