using BitFaster.Caching.Lru;

namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>Pseudo LRU of BitFaster.Caching.</summary>
internal sealed class ConcurrentLruTraced(int capacity) : ITracedCache
{
    private readonly ConcurrentLru<int, int> _cache = new(concurrencyLevel: 1, capacity, EqualityComparer<int>.Default);

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
