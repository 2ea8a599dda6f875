namespace Unstale.AspNetCore.Health;

/// <summary>Counters of a cache at one point in time.</summary>
/// <param name="At">Timestamp of the reading, by the clock.</param>
/// <param name="Reads">Number of reads so far.</param>
/// <param name="Misses">Number of reads served neither from memory nor from the second level.</param>
/// <param name="Positions">Positions of the node in the log, one for each partition.</param>
internal readonly record struct Reading(long At, long Reads, long Misses, LogPositions Positions)
{
    public static Reading From(long at, CacheStatistics statistics, LogPositions positions) => new(
        at,
        statistics.Hits + statistics.StaleServes + statistics.UntrustedServes + statistics.Misses,
        statistics.Misses - statistics.RemoteHits,
        positions);

    /// <summary>Returns the number of log records between two readings; null if the history of any partition was replaced in between.</summary>
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
