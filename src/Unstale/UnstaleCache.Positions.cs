using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Loading;
using Unstale.Partitions;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale;

/// <content>Reads of data written on another node: waits for a position, and reads that bypass the cache.</content>
public sealed partial class UnstaleCache
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits until this node has applied all invalidations up to the positions of a session, so that a later read reflects the writes of the session.
    /// Use it for read-your-own-writes across nodes. The wait never changes the cache, not even for invalid positions.
    /// </summary>
    /// <param name="positions">Positions of the session's writes: the merged <see cref="InvalidationReceipt.Positions"/> of the receipts.</param>
    /// <param name="limit">Maximum wait, zero to 1 day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>
    /// Whether reads on this node now reflect the positions. Read through <see cref="BypassScope"/> only after <see cref="PositionStatus.NotYet"/>: a
    /// client that sends an unknown position must not be able to disable the cache.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative or longer than 1 day.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPositions positions, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        return _log.WaitForPositionAsync(positions, Checked(limit ?? DefaultWait), cancellationToken);
    }

    /// <inheritdoc cref="WaitForPositionAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="position">Position of the session's newest write.</param>
    /// <param name="limit">Maximum wait, zero to 1 day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPosition position, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        WaitForPositionAsync(LogPositions.Of(position), limit, cancellationToken);

    /// <inheritdoc cref="WaitForPositionAsync(LogPositions, TimeSpan?, CancellationToken)"/>
    /// <param name="positions">
    /// Text of <see cref="LogPositions"/>, as returned by a client. Null or empty text contains no position and counts as reached. Any other text
    /// that cannot be parsed is <see cref="PositionStatus.Unknown"/>.
    /// </param>
    /// <param name="limit">Maximum wait, zero to 1 day, or <see cref="Timeout.InfiniteTimeSpan"/>. Default: 1 second.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask<PositionStatus> WaitForPositionAsync(string? positions, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        LogPositions.TryParse(positions ?? string.Empty, provider: null, out var parsed)
            ? WaitForPositionAsync(parsed, limit, cancellationToken)
            : new(PositionStatus.Unknown);

    /// <summary>
    /// Begins a scope in which reads of this cache bypass the cache and load from the source. Use it after <see cref="PositionStatus.NotYet"/>, or
    /// where a read must return current data.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Inside the scope, a read uses neither memory, nor the second level, nor a load that began before the read. Loaded values are not stored, and
    /// <c>TryGet</c> finds nothing. Writes, removals and invalidations behave as usual. The scope applies to this async flow until disposed; other
    /// flows are not affected. Scopes may be nested.
    /// </para>
    /// <para>
    /// Reads of one key that wait while another bypassed load of the key is running share the next load. <see cref="UnstaleOptions.MaximumUntrustedLoads"/>
    /// limits the number of concurrent loads, so that bypassing requests cannot overload the source.
    /// </para>
    /// </remarks>
    /// <returns>Scope that ends when disposed.</returns>
    public IDisposable BypassScope() => new Bypass(this);

    /// <summary>True if this flow bypasses the cache, or holds an invalidation of the key whose transaction or scope has not ended yet.</summary>
    private bool IsHeldBack(CachePartition part, ReadOnlySpan<char> key) =>
        Bypass.IsOpenFor(this) || AmbientScope.HasUncommitted(_log, key, part.Table.Find(key) is { } entry ? entry.Tags.Names : []);

    private static TimeSpan Checked(TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan || (limit >= TimeSpan.Zero && limit <= TimeSpan.FromDays(1)) ? limit : throw Errors.WaitLimit(limit);

    private ValueTask<CacheResult<T>> LoadBypassedAsync<TState, T>(
        CachePartition part, string key, LoadFactory<TState, T> source, EntryLifetime life, string[] tags, CancellationToken cancellationToken)
    {
        CountMiss(key, tags);
        return life.Skips(HybridCacheEntryFlags.DisableUnderlyingData)
            ? new(new CacheResult<T>(default!, CacheOutcome.None))
            : Bypass.IsOpenFor(this) && !UnitOfWork.IsOpen
                ? part.Loader.LoadPastAsync(key, source, life, tags, cancellationToken)
                : part.Loader.LoadAloneAsync(key, source, life, tags, limitedBecause: null, cancellationToken);
    }
}
