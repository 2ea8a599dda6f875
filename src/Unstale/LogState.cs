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
    string Name, bool IsTrusted, bool IsConnected, LogPosition Position, TimeSpan? SinceConfirmed, long Queued, long Generations);
