namespace Unstale.Log;

/// <summary>What a node remembers of what was invalidated lately.</summary>
/// <param name="Position">Where the node stands.</param>
/// <param name="Epoch">Its present epoch.</param>
/// <param name="Records">Records, in the order in which it came to know them.</param>
/// <param name="Flushes">When it forgot everything, oldest first.</param>
/// <param name="Pending">Its own that the log has not taken yet.</param>
internal sealed record RecordHistory(
    LogPosition Position, int Epoch, IReadOnlyList<NotedRecord> Records, IReadOnlyList<NotedFlush> Flushes, IReadOnlyList<InvalidationRecord> Pending);
