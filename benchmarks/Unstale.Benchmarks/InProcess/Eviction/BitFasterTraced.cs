using BitFaster.Caching;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using BitFaster.Caching.Scheduler;

namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>A cache of BitFaster.Caching.</summary>
internal sealed class BitFasterTraced(ICache<int, int> cache) : ITracedCache
{
    public int Held => cache.Count;

    /// <summary>W-TinyLFU, maintained by the reading thread.</summary>
    public static BitFasterTraced Lfu(int capacity) =>
        new(new ConcurrentLfu<int, int>(concurrencyLevel: 1, capacity, new ForegroundScheduler(), EqualityComparer<int>.Default));

    /// <summary>Pseudo LRU.</summary>
    public static BitFasterTraced Lru(int capacity) => new(new ConcurrentLru<int, int>(concurrencyLevel: 1, capacity, EqualityComparer<int>.Default));

    public bool Read(int key)
    {
        if (cache.TryGet(key, out _))
            return true;
        cache.AddOrUpdate(key, key);
        return false;
    }

    public void Dispose() => cache.Clear();
}
