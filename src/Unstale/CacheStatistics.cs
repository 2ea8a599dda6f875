using Unstale.Rules;

namespace Unstale;

/// <summary>
/// Snapshot of a cache: counters since the cache was created, and its current size. Returned by <see cref="UnstaleCache.GetStatistics"/>.
/// </summary>
public sealed record CacheStatistics
{
    /// <summary>Name of the cache.</summary>
    public required string Name { get; init; }

    /// <summary>Number of reads that returned a fresh value from memory.</summary>
    public required long Hits { get; init; }

    /// <summary>
    /// Number of reads that returned a stale value from memory, or an invalidated value that may be served once more, while a refresh ran in the
    /// background.
    /// </summary>
    public required long StaleServes { get; init; }

    /// <summary>Number of reads that returned a value from memory while the node was not trusted: see <see cref="UntrustedReadBehavior.Serve"/>.</summary>
    public required long UntrustedServes { get; init; }

    /// <summary>Number of reads that returned an expired value because a load failed: see <see cref="UnstaleEntryOptions.FailSafeFor"/>.</summary>
    public required long FailSafeServes { get; init; }

    /// <summary>Number of reads that found no usable value in memory.</summary>
    public required long Misses { get; init; }

    /// <summary>
    /// Number of reads and sets whose key or tags cannot be cached: empty, longer than <see cref="UnstaleOptions.MaximumKeyLength"/>, or with an unpaired
    /// surrogate. The factory ran, and nothing was stored. Not counted in <see cref="Misses"/>.
    /// </summary>
    public required long Uncacheable { get; init; }

    /// <summary>Number of misses served from the second level.</summary>
    public required long RemoteHits { get; init; }

    /// <summary>Number of <see cref="RemoteHits"/> that this node could accept only after a query to the log.</summary>
    public required long RemoteConfirmed { get; init; }

    /// <summary>Number of values found in the second level and not used, because they were invalidated or may have been.</summary>
    public required long RemoteRefused { get; init; }

    /// <summary>Number of misses that waited for a load already in progress.</summary>
    public required long Joins { get; init; }

    /// <summary>Number of factory calls.</summary>
    public required long Loads { get; init; }

    /// <summary>Number of factory calls made while the node was not trusted. Their values were not stored.</summary>
    public required long UntrustedLoads { get; init; }

    /// <summary>Number of factory calls that threw or were cancelled.</summary>
    public required long LoadFailures { get; init; }

    /// <summary>Number of loads that threw a <see cref="LoadRejectedException"/>, because a limit of concurrent loads was exceeded.</summary>
    public long LoadsRejected { get; init; }

    /// <summary>Number of loaded values that were not stored, because they were invalidated during the load.</summary>
    public required long LoadsRefused { get; init; }

    /// <summary>Number of reads that found an invalidated value in memory, not yet removed, and did not return it.</summary>
    public required long RemovedDuringRead { get; init; }

    /// <summary>Number of stale values that the application has found: see <see cref="UnstaleCache.ReportStale"/>.</summary>
    public required long StaleReported { get; init; }

    /// <summary>
    /// Number of times that a stale value was prevented: <see cref="LoadsRefused"/>, <see cref="RemoteRefused"/>, <see cref="UntrustedLoads"/> and
    /// <see cref="RemovedDuringRead"/>.
    /// </summary>
    public long StalePrevented => LoadsRefused + RemoteRefused + UntrustedLoads + RemovedDuringRead;

    /// <summary>Number of invalidated entries that were removed from memory or left there for one more read.</summary>
    public required long EntriesInvalidated { get; init; }

    /// <summary>
    /// Number of tags that this process invalidated while nothing in its memory carried them. Counted for the log, which other caches of the process may share.
    /// Normal if other processes hold the values; otherwise look for misspelt tags in <see cref="UnmatchedTags"/>.
    /// </summary>
    public long UnmatchedInvalidations { get; init; }

    /// <summary>Different tags among the newest 32 of <see cref="UnmatchedInvalidations"/>, newest first.</summary>
    public IReadOnlyList<string> UnmatchedTags { get; init; } = [];

    /// <summary>Number of entries removed because of <see cref="UnstaleOptions.MaximumEntries"/> or <see cref="UnstaleOptions.MaximumBytes"/>, or not stored for lack of room.</summary>
    public required long EvictedForSize { get; init; }

    /// <summary>Number of entries removed after expiration.</summary>
    public required long EvictedForAge { get; init; }

    /// <summary>Number of changes that exceeded <see cref="UnstaleOptions.ChangeGuard"/>, whether applied or refused.</summary>
    public required long ChangesExceeded { get; init; }

    /// <summary>Number of entries in memory.</summary>
    public required long Entries { get; init; }

    /// <summary>Memory of the entries, in bytes: entries, keys, texts, serialized values and tags. A shared object counts as a reference without <see cref="UnstaleOptions.MaximumBytes"/>.</summary>
    public required long Bytes { get; init; }

    /// <summary>Statistics of the rules for changes, and of the pending batch.</summary>
    public required RuleSetStatistics Rules { get; init; }

    /// <summary>Ratio of reads served from memory to all reads, 0 to 1; 0 before the first read.</summary>
    public double HitRatio => Served + Misses == 0 ? 0 : (double)Served / (Served + Misses);

    private long Served => Hits + StaleServes + UntrustedServes;
}
