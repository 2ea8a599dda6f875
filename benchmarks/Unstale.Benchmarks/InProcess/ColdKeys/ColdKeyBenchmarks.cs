using BenchmarkDotNet.Attributes;

namespace Unstale.Benchmarks.InProcess.ColdKeys;

/// <summary>1,000 callers on a cold key in detail. Each operation is all of them.</summary>
[MemoryDiagnoser]
public class ColdKeyBenchmarks
{
    private readonly ColdKeyRound _round = new(1_000);

    [GlobalCleanup]
    public void Clean() => _round.Dispose();

    [Benchmark(Baseline = true)]
    public void Bare() => _round.Bare();

    [Benchmark]
    public void Cached() => _round.Cached();
}
