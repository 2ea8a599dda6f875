using BitFaster.Caching.Lfu;
using BitFaster.Caching.Scheduler;

namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>W-TinyLFU of BitFaster.Caching, maintained by the reading thread.</summary>
internal sealed class ConcurrentLfuTraced(int capacity) : ITracedCache
{
    private readonly ConcurrentLfu<int, int> _cache = new(concurrencyLevel: 1, capacity, new ForegroundScheduler(), EqualityComparer<int>.Default);

    public int Held => _cache.Count;

    public bool Read(int key)
    {
        if (_cache.TryGet(key, out _))
            return true;
        _cache.AddOrUpdate(key, key);
        return false;
    }

    public void Dispose() => _cache.Clear();
}
