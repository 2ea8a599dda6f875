namespace Unstale.AspNetCore;

/// <summary>Conditions under which the health check of a cache reports Degraded.</summary>
public sealed class UnstaleHealthOptions
{
    /// <summary>
    /// Maximum miss ratio (0 to 1) over the window: the share of reads served neither from memory nor from the second level. Above it the check
    /// reports Degraded. Default: null (no limit).
    /// </summary>
    public double? MissRatioThreshold { get; set; }

    /// <summary>
    /// Period covered by the figures, 10 seconds to 1 day. The figures begin at the latest check that is at least this old. Until there is such a
    /// check, the miss ratio never leads to Degraded, because a cache starts empty. Default: 5 minutes.
    /// </summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Minimum number of reads in the window before the miss ratio is evaluated, 1 to 1,000,000,000. Default: 100.</summary>
    public int LeastReads { get; set; } = 100;
}
