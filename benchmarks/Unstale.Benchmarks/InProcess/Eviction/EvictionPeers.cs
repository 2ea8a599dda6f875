namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>Hit ratios of Unstale beside other caches of the same capacity, on the same traces.</summary>
internal static class EvictionPeers
{
    /// <summary>Minimum hit ratio on a loop of 1.1 times the capacity, of which 91 % could be hits and LRU has none.</summary>
    private const double LeastOfLoop = 75;

    public static IEnumerable<EvictionLine> Measure(bool quick)
    {
        var reads = quick ? 100_000 : 500_000;
        foreach (var capacity in quick ? [1_000] : new[] { 1_000, 10_000 })
        {
            foreach (var trace in Traces.Zipf(capacity, reads))
                yield return Line(trace);
            yield return Line(Traces.Scans(capacity, reads));
            yield return Line(Traces.Shifting(capacity, reads));
            yield return Line(Traces.Loop(capacity, reads)) with { Least = LeastOfLoop };
        }
    }

    private static EvictionLine Line(Trace trace) => new(trace, trace.Run(() => new UnstaleTraced(trace.Capacity)))
    {
        ConcurrentLfu = trace.Run(() => BitFasterTraced.Lfu(trace.Capacity)),
        ConcurrentLru = trace.Run(() => BitFasterTraced.Lru(trace.Capacity)),
        MemoryCache = trace.Run(() => new MemoryCacheTraced(trace.Capacity)),
        ExactLru = trace.Run(() => new ExactLru(trace.Capacity)).Ratio,
        Optimum = trace.Run(() => new Optimum(trace.Capacity, trace.Reads)).Ratio,
    };
}
