using Microsoft.Extensions.Caching.Memory;

namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary><c>MemoryCache</c> with a limit. Above the limit a value is not stored, and a thread of the pool removes 5 % of the entries.</summary>
internal sealed class MemoryCacheTraced(int capacity) : ITracedCache
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = capacity });

    public int Held => _cache.Count;

    public bool Read(int key)
    {
        if (_cache.TryGetValue(key, out _))
            return true;
        using var entry = _cache.CreateEntry(key);
        entry.Size = 1;
        entry.Value = this;
        return false;
    }

    public void Dispose() => _cache.Dispose();
}
