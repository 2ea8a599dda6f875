using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Store;

namespace Unstale;

/// <content>Reading what somebody has written on another node: waiting for its position, or going past the cache.</content>
public sealed partial class UnstaleCache
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits until this node has applied everything up to a session's positions, so that a read after it sees what the session wrote.
    /// It forgets nothing and changes nothing, whatever the positions are.
    /// </summary>
    /// <param name="positions">Where the session stands: <see cref="InvalidationReceipt.Positions"/> of its writes, merged.</param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>
    /// True if reads on this node now reflect them. False if they do not, or if it cannot be known: the limit has passed, the log cannot
    /// be reached, or a position is of a history or a partition that this node knows nothing of. Read through <see cref="BypassScope"/>
    /// then.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative, or above a day.</exception>
    public ValueTask<bool> CaughtUpToAsync(LogPositions positions, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        return _node.CaughtUpToAsync(positions, Checked(limit ?? DefaultWait), cancellationToken);
    }

    /// <inheritdoc cref="CaughtUpToAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="position">Where the session stands.</param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<bool> CaughtUpToAsync(LogPosition position, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        CaughtUpToAsync(LogPositions.Of(position), limit, cancellationToken);

    /// <inheritdoc cref="CaughtUpToAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="positions">
    /// What a client brought back: the text of <see cref="LogPositions"/>. Null or empty is no position, and true; any other text that
    /// is none makes it false.
    /// </param>
    /// <param name="limit">The longest wait, from zero to a day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<bool> CaughtUpToAsync(string? positions, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        LogPositions.TryParse(positions ?? string.Empty, provider: null, out var parsed)
            ? CaughtUpToAsync(parsed, limit, cancellationToken)
            : new(false);

    /// <summary>
    /// Until it is disposed, reads of this cache in this flow of calls go to the source: they are answered neither from memory nor from
    /// the second level nor by another caller's load, their values are not kept, and <c>TryGet</c> finds nothing. Other flows are not
    /// touched. Setting, removing and invalidating are what they always are. It may be nested.
    /// </summary>
    public IDisposable BypassScope() => new Bypass(this);

    /// <summary>This flow reads past the cache, or has raised what concerns what is held, and it is not known yet whether that comes about.</summary>
    private bool IsHeldBack(ReadOnlySpan<char> key) =>
        Bypass.IsOpenFor(this) || ScopeFlow.Holds(_node, key, _table.Find(key) is { } entry ? entry.Tags.Tags : []);

    private static TimeSpan Checked(TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan || (limit >= TimeSpan.Zero && limit <= TimeSpan.FromDays(1)) ? limit : throw Errors.WaitLimit(limit);

    private ValueTask<CacheResult<T>> LoadBypassedAsync<TState, T>(
        string key, FillSource<TState, T> source, EntryLife life, string[] tags, CancellationToken cancellationToken)
    {
        _metrics.Miss();
        return life.Skips(HybridCacheEntryFlags.DisableUnderlyingData)
            ? new(new CacheResult<T>(default!, CacheOutcome.None))
            : _loader.LoadAloneAsync(key, source, life, tags, cancellationToken);
    }
}
