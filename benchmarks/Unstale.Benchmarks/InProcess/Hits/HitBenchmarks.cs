using BenchmarkDotNet.Attributes;

namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>Hit in detail. Each operation is one read.</summary>
[MemoryDiagnoser]
public class HitBenchmarks
{
    private const int Reads = 10_000;
    private HitStock _stock = null!;
    private HitLoop _dictionary = null!;
    private HitLoop _memoryCache = null!;
    private HitLoop _string = null!;
    private HitLoop _span = null!;

    [Params(0, 1, 3, 10)]
    public int Tags { get; set; }

    [Params("hot", "zipf", "uniform")]
    public string Keys { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        const int entries = 100_000;
        var keys = Keys switch
        {
            "hot" => Accesses.Hot(entries, 1_000),
            "zipf" => Accesses.Zipf(entries, Reads),
            _ => Accesses.Uniform(entries, Reads),
        };
        _stock = new(entries, Tags);
        _dictionary = _stock.Dictionary(keys);
        _memoryCache = _stock.MemoryCache(keys);
        _string = _stock.ByString(keys, Tags);
        _span = _stock.BySpan(keys, Tags);
    }

    [GlobalCleanup]
    public void Clean() => _stock.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Reads)]
    public void Dictionary() => _dictionary.Run(Reads, 0);

    [Benchmark(OperationsPerInvoke = Reads)]
    public void MemoryCache() => _memoryCache.Run(Reads, 0);

    [Benchmark(OperationsPerInvoke = Reads)]
    public void StringKey() => _string.Run(Reads, 0);

    [Benchmark(OperationsPerInvoke = Reads)]
    public void SpanKey() => _span.Run(Reads, 0);
}
