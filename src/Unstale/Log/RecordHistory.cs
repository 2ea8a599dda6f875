namespace Unstale.Log;

/// <summary>Recent invalidations, as remembered by a node.</summary>
/// <param name="position">Position of the node.</param>
/// <param name="epoch">Current epoch of the node.</param>
/// <param name="records">Records, in the order in which the node first saw them.</param>
/// <param name="flushes">Resets of the node, oldest first.</param>
/// <param name="pending">Own records not yet in the log, with the monotonic times of their calls, in any order.</param>
internal sealed class RecordHistory(
    LogPosition position, int epoch, NotedRecords records, IReadOnlyList<NotedFlush> flushes, (long Time, InvalidationRecord Record)[] pending)
{
    private IReadOnlyList<InvalidationRecord>? _pending;

    public LogPosition Position => position;

    public int Epoch => epoch;

    public NotedRecords Records => records;

    public IReadOnlyList<NotedFlush> Flushes => flushes;

    /// <summary>Own records not yet in the log, oldest first. Sorted at the first use, which needs no lock.</summary>
    public IReadOnlyList<InvalidationRecord> Pending =>
        _pending ??= pending.Length == 0 ? [] : [.. pending.OrderBy(static one => one.Time).Select(static one => one.Record)];
}
