namespace Unstale.Telemetry;

/// <summary>
/// Boundaries of the buckets of histograms, in seconds. The default boundaries of collectors are made for milliseconds: every load would lie in the first bucket.
/// </summary>
internal static class Boundaries
{
    /// <summary>Durations of loads, of events and of calls of the second level: 0.1 ms to 10 s.</summary>
    public static readonly double[] Durations = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>Times until an invalidation is in force: 0.05 ms to 5 s.</summary>
    public static readonly double[] Lags = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    /// <summary>Ages of served values: 10 ms, about the resolution of the clock, to a day.</summary>
    public static readonly double[] Ages = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];
}
