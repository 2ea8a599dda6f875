namespace Unstale.Log;

/// <summary>Recent invalidations, as remembered by a node.</summary>
/// <param name="Position">Position of the node.</param>
/// <param name="Epoch">Current epoch of the node.</param>
/// <param name="Records">Records, in the order in which the node first saw them.</param>
/// <param name="Flushes">Resets of the node, oldest first.</param>
/// <param name="Pending">Own records not yet in the log.</param>
internal sealed record RecordHistory(
    LogPosition Position, int Epoch, IReadOnlyList<NotedRecord> Records, IReadOnlyList<NotedFlush> Flushes, IReadOnlyList<InvalidationRecord> Pending);
