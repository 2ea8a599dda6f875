using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Partitions;
using Unstale.Store;

namespace Unstale;

/// <content>Reading what somebody has written on another node: waiting for its position, or going past the cache.</content>
public sealed partial class UnstaleCache
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits until this node has applied everything up to a session's positions, so that a read after it sees what the session wrote.
    /// Nothing is forgotten and nothing changes, whatever the positions are.
    /// </summary>
    /// <param name="positions">Positions of the session's writes: their <see cref="InvalidationReceipt.Positions"/>, merged.</param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>
    /// Whether reads on this node reflect the positions now. Only <see cref="PositionStatus.NotYet"/> is a reason to read through
    /// <see cref="BypassScope"/>: a client that sends an unknown position must not turn the cache off.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative, or above a day.</exception>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPositions positions, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        return _log.WaitForPositionAsync(positions, Checked(limit ?? DefaultWait), cancellationToken);
    }

    /// <inheritdoc cref="WaitForPositionAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="position">Position of the session's newest write.</param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPosition position, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        WaitForPositionAsync(LogPositions.Of(position), limit, cancellationToken);

    /// <inheritdoc cref="WaitForPositionAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="positions">
    /// Text that a client brought back: that of <see cref="LogPositions"/>. Null and empty stand for no position, which is reached; any other text
    /// that is no position is <see cref="PositionStatus.Unknown"/>.
    /// </param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<PositionStatus> WaitForPositionAsync(string? positions, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        LogPositions.TryParse(positions ?? string.Empty, provider: null, out var parsed)
            ? WaitForPositionAsync(parsed, limit, cancellationToken)
            : new(PositionStatus.Unknown);

    /// <summary>
    /// Waits like <see cref="WaitForPositionAsync(LogPositions, TimeSpan?, CancellationToken)"/>, for callers to whom a position that is not reached and one
    /// that is unknown are the same.
    /// </summary>
    /// <param name="positions">Positions of the session's writes: their <see cref="InvalidationReceipt.Positions"/>, merged.</param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>True if the positions are <see cref="PositionStatus.Reached"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative, or above a day.</exception>
    public ValueTask<bool> CaughtUpToAsync(LogPositions positions, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        IsReachedAsync(WaitForPositionAsync(positions, limit, cancellationToken));

    /// <inheritdoc cref="CaughtUpToAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="position">Position of the session's newest write.</param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<bool> CaughtUpToAsync(LogPosition position, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        CaughtUpToAsync(LogPositions.Of(position), limit, cancellationToken);

    /// <inheritdoc cref="CaughtUpToAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="positions">Text that a client brought back: that of <see cref="LogPositions"/>. Null and empty stand for no position, which is reached.</param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<bool> CaughtUpToAsync(string? positions, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        IsReachedAsync(WaitForPositionAsync(positions, limit, cancellationToken));

    /// <summary>
    /// Until it is disposed, reads of this cache in this flow of calls go to the source: they are answered neither from memory nor from
    /// the second level nor by a load that began before them, their values are not kept, and <c>TryGet</c> finds nothing. Other flows are not
    /// touched. Setting, removing and invalidating are what they always are. It may be nested.
    /// </summary>
    /// <remarks>
    /// Reads of one key that wait while another bypassed load of it runs share the next one. <see cref="UnstaleOptions.UntrustedLoads"/> limits how many
    /// run at once, so that requests that bypass the cache do not overrun the source.
    /// </remarks>
    public IDisposable BypassScope() => new Bypass(this);

    /// <summary>This flow reads past the cache, or has raised what concerns what is held, and it is not known yet whether that comes about.</summary>
    private bool IsHeldBack(CachePartition part, ReadOnlySpan<char> key) =>
        Bypass.IsOpenFor(this) || ScopeFlow.Holds(_log, key, part.Table.Find(key) is { } entry ? entry.Tags.Tags : []);

    private static TimeSpan Checked(TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan || (limit >= TimeSpan.Zero && limit <= TimeSpan.FromDays(1)) ? limit : throw Errors.WaitLimit(limit);

    private ValueTask<CacheResult<T>> LoadBypassedAsync<TState, T>(
        CachePartition part, string key, FillSource<TState, T> source, EntryLife life, string[] tags, CancellationToken cancellationToken)
    {
        _metrics.Miss();
        return life.Skips(HybridCacheEntryFlags.DisableUnderlyingData)
            ? new(new CacheResult<T>(default!, CacheOutcome.None))
            : Bypass.IsOpenFor(this) && !UnitOfWork.IsOpen
                ? part.Loader.LoadPastAsync(key, source, life, tags, cancellationToken)
                : part.Loader.LoadAloneAsync(key, source, life, tags, limitedBecause: null, cancellationToken);
    }

    private static ValueTask<bool> IsReachedAsync(ValueTask<PositionStatus> waiting)
    {
        return waiting.IsCompletedSuccessfully ? new(waiting.Result == PositionStatus.Reached) : Awaited(waiting);

        static async ValueTask<bool> Awaited(ValueTask<PositionStatus> waiting) => await waiting.ConfigureAwait(false) == PositionStatus.Reached;
    }
}
