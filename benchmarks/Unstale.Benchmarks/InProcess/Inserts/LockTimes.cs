using System.Diagnostics;
using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Measuring;
using Unstale.Loading;
using Unstale.Memory;
using Unstale.Partitions;

namespace Unstale.Benchmarks.InProcess.Inserts;

/// <summary>Time under the lock of the log of each insert with one shared tag.</summary>
internal sealed class LockTimes : IDisposable
{
    private static readonly string[] Tags = ["category:1"];

    private readonly BenchmarkCache _cache;
    private readonly CachePartition _partition;
    private readonly EntryLifetime _life = new(3_600_000, 3_600_000, 3_600_000, default);
    private int _inserted;

    public LockTimes(int capacity)
    {
        _cache = new BenchmarkCache(capacity, capacity);
        _partition = Only(_cache.Unstale)!;
    }

    /// <summary>Inserts new keys, and returns the times in microseconds, ascending.</summary>
    public double[] Insert(int count)
    {
        var keys = Keys.Range(_inserted, count);
        _inserted += count;
        var times = new double[count];
        MemoryUse.Tidy();
        for (var index = 0; index < count; index++)
            times[index] = Insert(keys[index]);
        Array.Sort(times);
        return times;
    }

    /// <summary>Reads every entry, so that no entry is preferred for the eviction.</summary>
    public void ReadAll()
    {
        for (var number = 0; number < _inserted; number++)
            _cache.Unstale.TryGet<string>(Keys.Of(number), out _);
    }

    public void Dispose() => _cache.Dispose();

    private double Insert(string key)
    {
        var horizon = _partition.Node.Horizon;
        _partition.Entries.Prepare();
        lock (horizon.Gate)
        {
            var start = Stopwatch.GetTimestamp();
            _partition.Loader.Put_NeedsLock(LoadIdentity.For<string>(key, _life), Keys.Value, payload: null, size: 0, horizon.Tags.Hold(Tags), stamp: 0, _life);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_only")]
    private static extern ref CachePartition? Only(UnstaleCache cache);
}
