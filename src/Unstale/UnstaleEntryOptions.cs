using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;

namespace Unstale;

/// <summary>
/// Options of a single entry, a superset of <see cref="HybridCacheEntryOptions"/>. A null property is taken from the first of these that sets it: the
/// cache's options for the longest matching key prefix (<see cref="UnstaleOptions.KeyPrefixes"/>), those for the data type
/// (<see cref="UnstaleOptions.DataTypes"/>), those for the type of the value (<see cref="UnstaleOptions.AddEntryOptions"/>), the defaults of the cache.
/// </summary>
public sealed class UnstaleEntryOptions
{
    /// <summary>
    /// Lifetime of the value, in memory and in the second level. Values above 36,525 days (100 years) count as 36,525 days. Null:
    /// <see cref="UnstaleOptions.DefaultExpiration"/>.
    /// </summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>
    /// Lifetime of the value in this process's memory, at most <see cref="Expiration"/>. Set alone by a call, it also raises the expiration of the cache's defaults.
    /// Null: same as <see cref="Expiration"/>.
    /// </summary>
    public TimeSpan? LocalExpiration { get; init; }

    /// <summary>
    /// Time for which the value counts as fresh. A read after this time, and before expiration, returns the stale value immediately while one refresh
    /// runs in the background. An invalidated value is not served, fresh or not, unless a rule with
    /// <see cref="Rules.InvalidationRule.ServeStaleOnce"/> permits one more read. Null: fresh until expiration.
    /// </summary>
    public TimeSpan? FreshFor { get; init; }

    /// <summary>
    /// Maximum duration of a load, including the second level and the source, 1 ms to 1 day. A load that exceeds the limit is abandoned: its token is
    /// cancelled, its callers receive a value that memory may serve by then or a <see cref="LoadTimeoutException"/>, the next caller starts a new
    /// load, and a late result is discarded. <see cref="Timeout.InfiniteTimeSpan"/> sets no limit. Null: <see cref="UnstaleOptions.LoadTimeout"/>.
    /// </summary>
    public TimeSpan? LoadTimeout { get; init; }

    /// <summary>
    /// Maximum time a call waits for a load started by another caller, 1 ms to 1 day. After this time the call receives a value that memory may serve
    /// by then or a <see cref="LoadTimeoutException"/>; the load continues for the other callers. The limit also applies to a load in another
    /// process: after the limit, this process loads the value itself. In a <see cref="UnstaleCache.BypassScope"/> all waits of a call share the
    /// limit, and memory is not used. <see cref="Timeout.InfiniteTimeSpan"/> sets no limit. Null: <see cref="UnstaleOptions.WaitTimeout"/>.
    /// </summary>
    public TimeSpan? WaitTimeout { get; init; }

    /// <summary>
    /// Time after expiration for which memory keeps the value, to be returned if a load fails or exceeds a limit: fail-safe. At most 45 days; memory may drop the value up to
    /// one tenth of the time earlier. An invalidated value is never returned. Null: <see cref="UnstaleOptions.FailSafeFor"/>.
    /// </summary>
    public TimeSpan? FailSafeFor { get; init; }

    /// <summary>
    /// Time for which reads return the expired value without another load, after a load has failed. Null: <see cref="UnstaleOptions.FailSafePause"/>.
    /// </summary>
    public TimeSpan? FailSafePause { get; init; }

    /// <summary>
    /// Time after which a caller receives the value kept by <see cref="FailSafeFor"/>, if there is one. The load continues, and its value is stored. 1 ms to 1 day.
    /// <see cref="Timeout.InfiniteTimeSpan"/> sets no limit. Null: <see cref="UnstaleOptions.SoftTimeout"/>.
    /// </summary>
    public TimeSpan? SoftTimeout { get; init; }

    /// <summary>
    /// Maximum random time by which each loaded value expires earlier, so that values loaded together do not expire together. At most half of the lifetime is used. Null:
    /// <see cref="UnstaleOptions.Jitter"/>.
    /// </summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>
    /// Size of the value in memory, in bytes, for <see cref="UnstaleOptions.MaximumBytes"/>. Only for an immutable class, which all callers share; the
    /// cache measures texts, structs and serialized values itself. Null: measured by <see cref="UnstaleOptions.AddSizer"/>, otherwise by the length of
    /// the serialized value.
    /// </summary>
    public long? LocalSize { get; init; }

    /// <summary>
    /// Priority of the entry when memory is full. <see cref="CacheItemPriority.Low"/>: evicted before all others. <see cref="CacheItemPriority.High"/>:
    /// evicted only if no entry of a lower priority is stored. <see cref="CacheItemPriority.NeverRemove"/>: not evicted; if such entries fill the memory, other
    /// values are not stored. An invalidation and the expiration remove entries of every priority. Null: <see cref="CacheItemPriority.Normal"/>.
    /// </summary>
    public CacheItemPriority? Priority { get; init; }

    /// <summary>
    /// Name of the data type of the entry, a key of <see cref="UnstaleOptions.DataTypes"/>. Null: the name in the options for the key prefix or the type of
    /// the value, otherwise the part of the cache key before the first <c>:</c>.
    /// </summary>
    public string? DataType { get; init; }

    /// <summary>
    /// Whether the entries that the factory reads from caches of the same log are recorded as dependencies of this entry. Null:
    /// <see cref="UnstaleOptions.RecordDependencies"/>.
    /// </summary>
    public bool? RecordDependencies { get; init; }

    /// <summary>Steps to skip, for example reads or writes of a level. Null: none.</summary>
    public HybridCacheEntryFlags? Flags { get; init; }
}
