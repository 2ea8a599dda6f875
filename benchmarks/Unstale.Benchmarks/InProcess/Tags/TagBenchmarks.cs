using BenchmarkDotNet.Attributes;

namespace Unstale.Benchmarks.InProcess.Tags;

/// <summary>Invalidation by tag in detail. Each operation is one.</summary>
[MemoryDiagnoser]
public class TagBenchmarks
{
    private const int Raised = 1_000;
    private TagStock _stock = null!;
    private BareTags _bare = null!;

    [Params(1_000, 100_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _stock = new(Entries, Raised);
        _bare = new(_stock.Raised);
    }

    [IterationSetup]
    public void Refill() => _stock.Refill();

    [GlobalCleanup]
    public void Clean() => _stock.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Raised)]
    public void Bare() => _bare.Run(_stock.Raised);

    [Benchmark(OperationsPerInvoke = Raised)]
    public void InvalidateTag() => _stock.Run(_stock.Raised);
}
