using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale;

/// <summary>
/// How one entry lives, beyond what <see cref="HybridCacheEntryOptions"/> can say. What is null is decided, in this order, by the
/// cache's options for the key's prefix, for its data type, and its defaults.
/// </summary>
public sealed class UnstaleEntryOptions
{
    /// <summary>
    /// Lifetime of the value, in the second level and in memory. Above 36,525 days (100 years) it counts as 36,525 days. Null:
    /// <see cref="UnstaleOptions.DefaultExpiration"/>.
    /// </summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>How long the value lives in this process' memory; never longer than <see cref="Expiration"/>. Null: as long.</summary>
    public TimeSpan? LocalExpiration { get; init; }

    /// <summary>
    /// How long the value counts as fresh. Past it, and until it expires, a read gets the old value at once and one refresh runs
    /// behind. Null: fresh until it expires. An invalidated value is never served, fresh or not.
    /// </summary>
    public TimeSpan? FreshFor { get; init; }

    /// <summary>
    /// Longest time of a load, second level and source together, from 1 ms to a day. After it the load is abandoned: its token is cancelled, its
    /// callers get a value that memory may serve by then or a <see cref="LoadTimeoutException"/>, the next caller loads anew, and what the load
    /// still brings is not kept. <see cref="Timeout.InfiniteTimeSpan"/> sets no limit. Null: <see cref="UnstaleOptions.LoadTimeout"/>.
    /// </summary>
    public TimeSpan? LoadTimeout { get; init; }

    /// <summary>
    /// Longest time for which a call waits for a load that another caller has started, from 1 ms to a day. After it the call gets a value that
    /// memory may serve by then or a <see cref="LoadTimeoutException"/>; the load goes on for the others. A load of another process is waited
    /// for no longer either: then this one loads by itself. In a <see cref="UnstaleCache.BypassScope"/> the limit holds for all waits of the call together, and
    /// memory is not looked at. <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.
    /// Null: <see cref="UnstaleOptions.WaitTimeout"/>.
    /// </summary>
    public TimeSpan? WaitTimeout { get; init; }

    /// <summary>
    /// The kind of data, a key of <see cref="UnstaleOptions.DataTypes"/>. Null: what stands before the first <c>:</c> of the cache key.
    /// </summary>
    public string? DataType { get; init; }

    /// <summary>
    /// Whether what the factory of this entry reads from caches of the same log counts as what the entry was made from. Null:
    /// <see cref="UnstaleOptions.RecordDependencies"/>.
    /// </summary>
    public bool? RecordDependencies { get; init; }

    /// <summary>What to leave out. Null: nothing.</summary>
    public HybridCacheEntryFlags? Flags { get; init; }
}
