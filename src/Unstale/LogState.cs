namespace Unstale;

/// <summary>How one log looks from this node, as <see cref="UnstaleCache.GetLogState"/> saw it.</summary>
/// <param name="Name">The log's name.</param>
/// <param name="IsTrusted">Whether this node serves what it holds.</param>
/// <param name="IsConnected">Whether the present connection has been answered.</param>
/// <param name="Position">Up to where this node has applied the log; without a generation while it knows none.</param>
/// <param name="SinceConfirmed">How long ago the log last confirmed this node; null if it never has, zero for a log in process.</param>
/// <param name="Queued">Invalidations in force on this node that the log has not taken yet.</param>
/// <param name="Generations">How often this node forgot everything, because the history of the log broke or was no longer kept.</param>
public sealed record LogState(
    string Name, bool IsTrusted, bool IsConnected, LogPosition Position, TimeSpan? SinceConfirmed, long Queued, long Generations)
{
    /// <summary>
    /// State of each partition, in their order; empty for a log of one partition. The log itself is trusted and connected if all of them are; its
    /// position is that of the first, its age the greatest, and the counts are sums.
    /// </summary>
    public IReadOnlyList<LogState> Partitions { get; internal init; } = [];

    /// <summary>Positions up to which this node has applied the log, one for each partition that it has found.</summary>
    public LogPositions Positions => Partitions.Count > 0
        ? Partitions.Select(static partition => partition.Positions).Aggregate(LogPositions.Empty, static (all, one) => all.Merge(one))
        : Position.Generation == Generation.None ? LogPositions.Empty : LogPositions.Of(Position);
}
