using Unstale.Rules;

namespace Unstale;

/// <summary>What a cache has done since it was made, and what it holds. A snapshot.</summary>
public sealed record CacheStatistics
{
    /// <summary>The name of the cache.</summary>
    public required string Name { get; init; }

    /// <summary>Reads answered from memory, fresh.</summary>
    public required long Hits { get; init; }

    /// <summary>Reads answered from memory with a value past its freshness, or once more with an invalidated one, while a refresh ran behind.</summary>
    public required long StaleServes { get; init; }

    /// <summary>Reads answered from memory though nobody confirmed it: see <see cref="UntrustedReads.Serve"/>.</summary>
    public required long UntrustedServes { get; init; }

    /// <summary>Reads that found nothing usable in memory.</summary>
    public required long Misses { get; init; }

    /// <summary>Misses that were answered by the second level.</summary>
    public required long RemoteHits { get; init; }

    /// <summary>Of these, values of which the node had to ask the log before it could take them.</summary>
    public required long RemoteConfirmed { get; init; }

    /// <summary>Values of the second level that were not used, because something that concerns them was invalidated, or may have been.</summary>
    public required long RemoteRefused { get; init; }

    /// <summary>Misses that waited for a factory that was already running.</summary>
    public required long Joins { get; init; }

    /// <summary>Factories that ran.</summary>
    public required long Fills { get; init; }

    /// <summary>Factories among those that ran while this node was not trusted: what they brought was not kept.</summary>
    public required long UntrustedLoads { get; init; }

    /// <summary>Factories that threw or were cancelled.</summary>
    public required long FillFailures { get; init; }

    /// <summary>Values that were loaded but not kept, because something that concerns them was invalidated meanwhile.</summary>
    public required long FillsRefused { get; init; }

    /// <summary>Invalidated entries whose memory was reclaimed, or that were left for one more read.</summary>
    public required long EntriesInvalidated { get; init; }

    /// <summary>Entries removed to keep within the limit.</summary>
    public required long EvictedForSize { get; init; }

    /// <summary>Entries removed because they had expired.</summary>
    public required long EvictedForAge { get; init; }

    /// <summary>Changes that exceeded <see cref="UnstaleOptions.ChangeGuard"/>, raised or refused.</summary>
    public required long ChangesExceeded { get; init; }

    /// <summary>Entries held now.</summary>
    public required long Entries { get; init; }

    /// <summary>An estimate of what those retain, in bytes: keys, entries and serialised values; shared objects count as a reference.</summary>
    public required long Bytes { get; init; }

    /// <summary>What the rules about changes have done, and what waits in the batch.</summary>
    public required RuleSetStatistics Rules { get; init; }

    /// <summary>Hits among all reads, 0 to 1; 0 before the first read.</summary>
    public double HitRatio => Served + Misses == 0 ? 0 : (double)Served / (Served + Misses);

    private long Served => Hits + StaleServes + UntrustedServes;
}
