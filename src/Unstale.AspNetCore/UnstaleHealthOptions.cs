namespace Unstale.AspNetCore;

/// <summary>When the health check of a cache says degraded.</summary>
public sealed class UnstaleHealthOptions
{
    /// <summary>
    /// The share of reads, from 0 to 1, that neither memory nor the second level may fail to answer over the window: above it the cache is
    /// degraded. Default: null, whatever the share is.
    /// </summary>
    public double? MissRatioThreshold { get; set; }

    /// <summary>
    /// How far the figures reach back, from 10 seconds to a day: at least that far, to the last time the check was asked before. Until the
    /// check is that old, no share of misses degrades it: a cache begins empty. Default: 5 minutes.
    /// </summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many reads the window must have before their misses count, 1 to 1,000,000,000. Default: 100.</summary>
    public int LeastReads { get; set; } = 100;
}
