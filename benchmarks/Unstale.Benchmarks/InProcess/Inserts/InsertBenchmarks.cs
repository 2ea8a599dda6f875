using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;

namespace Unstale.Benchmarks.InProcess.Inserts;

/// <summary>Insert in detail. Each operation is one new key with three tags.</summary>
[MemoryDiagnoser]
public class InsertBenchmarks
{
    private const int Inserts = 100_000;
    private readonly InsertRound _round = new(Inserts);
    private BareInserts _bare = null!;
    private MemoryCache _memoryCache = null!;
    private BenchmarkCache _cache = null!;

    [IterationSetup]
    public void Prepare()
    {
        _bare = _round.NewBare();
        _memoryCache = new(new MemoryCacheOptions());
        _cache = _round.NewCache();
    }

    [IterationCleanup]
    public void Clean()
    {
        _cache.Dispose();
        _memoryCache.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inserts)]
    public void Bare() => _round.Bare(_bare);

    [Benchmark(OperationsPerInvoke = Inserts)]
    public void MemoryCache() => _round.MemoryCache(_memoryCache);

    [Benchmark(OperationsPerInvoke = Inserts)]
    public void Load() => _round.Load(_cache);

    [Benchmark(OperationsPerInvoke = Inserts)]
    public void Set() => _round.Set(_cache);
}
