namespace Unstale.AspNetCore.Health;

/// <summary>What the counters of a cache said.</summary>
/// <param name="At">When, by the clock's timestamp.</param>
/// <param name="Reads">Reads until then.</param>
/// <param name="Misses">Those that neither memory nor the second level answered.</param>
/// <param name="Position">Where the node stood in the log.</param>
internal readonly record struct Reading(long At, long Reads, long Misses, LogPosition Position)
{
    public static Reading Of(long at, CacheStatistics statistics, LogPosition position) => new(
        at,
        statistics.Hits + statistics.StaleServes + statistics.UntrustedServes + statistics.Misses,
        statistics.Misses - statistics.RemoteHits,
        position);
}
