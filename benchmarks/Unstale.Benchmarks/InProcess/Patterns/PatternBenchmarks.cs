using BenchmarkDotNet.Attributes;

namespace Unstale.Benchmarks.InProcess.Patterns;

/// <summary>Prefix pattern in detail.</summary>
public class PatternBenchmarks
{
    private PatternStock _stock = null!;
    private GlobPattern _pattern = null!;

    [Params(1_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Prepare() => _stock = new(Entries);

    [IterationSetup]
    public void Next() => _pattern = _stock.NextPatterns(1)[0];

    [GlobalCleanup]
    public void Clean() => _stock.Dispose();

    [Benchmark(Baseline = true)]
    public int Scan()
    {
        _stock.Scan("shelf:007:");
        return _stock.Found;
    }

    [Benchmark]
    public long MarkAndSweep() => _stock.MarkAndSweep(_pattern);
}
