namespace Unstale;

/// <summary>
/// Snapshot of a log as observed on this node, returned by <see cref="UnstaleCache.GetLogState"/>. For health checks and diagnosis.
/// </summary>
/// <param name="Name">Name of the log.</param>
/// <param name="IsTrusted">Whether the log has confirmed this node recently enough to serve its entries.</param>
/// <param name="IsConnected">Whether the log has responded on the current connection.</param>
/// <param name="Position">Position up to which this node has applied the log; without a generation until the first response.</param>
/// <param name="SinceConfirmed">Time since the log last confirmed this node; null if the log never has, zero for an in-process log.</param>
/// <param name="Queued">Number of invalidations in effect on this node that the log has not accepted yet.</param>
/// <param name="Generations">Number of resets of this node, because the history of the log broke or was no longer retained.</param>
public sealed record LogState(
    string Name, bool IsTrusted, bool IsConnected, LogPosition Position, TimeSpan? SinceConfirmed, long Queued, long Generations)
{
    /// <summary>
    /// State of each partition, in partition order; empty for a log of one partition. The log is trusted and connected if all partitions are. Of the
    /// partitions' values, the log has the first position, the longest time since confirmation, and the sums of the counts.
    /// </summary>
    public IReadOnlyList<LogState> Partitions { get; internal init; } = [];

    /// <summary>Positions up to which this node has applied the log, one for each partition that has responded.</summary>
    public LogPositions Positions => Partitions.Count > 0
        ? Partitions.Select(static partition => partition.Positions).Aggregate(LogPositions.Empty, static (all, one) => all.Merge(one))
        : Position.Generation == Generation.None ? LogPositions.Empty : LogPositions.Of(Position);
}
