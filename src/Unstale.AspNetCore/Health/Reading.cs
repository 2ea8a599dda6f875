namespace Unstale.AspNetCore.Health;

/// <summary>What the counters of a cache said.</summary>
/// <param name="At">When, by the clock's timestamp.</param>
/// <param name="Reads">Reads until then.</param>
/// <param name="Misses">Those that neither memory nor the second level answered.</param>
/// <param name="Positions">Positions of the node in the log, one for each partition.</param>
internal readonly record struct Reading(long At, long Reads, long Misses, LogPositions Positions)
{
    public static Reading Of(long at, CacheStatistics statistics, LogPositions positions) => new(
        at,
        statistics.Hits + statistics.StaleServes + statistics.UntrustedServes + statistics.Misses,
        statistics.Misses - statistics.RemoteHits,
        positions);

    /// <summary>Records of the log between two readings; null if its history is another one by now, in any partition.</summary>
    public long? RecordsSince(Reading then)
    {
        if (Positions.Count == 0 || Positions.Count != then.Positions.Count)
            return null;
        var records = 0L;
        foreach (var (old, young) in then.Positions.Zip(Positions))
        {
            if (!young.TryCompare(old, out _))
                return null;
            records += young.Sequence - old.Sequence;
        }

        return records;
    }
}
