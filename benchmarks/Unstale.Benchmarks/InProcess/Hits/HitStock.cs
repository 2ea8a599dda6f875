using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>The same entries in a dictionary, in <c>MemoryCache</c>, and in caches that differ in the number of tags of an entry.</summary>
internal sealed class HitStock : IDisposable
{
    private readonly ConcurrentDictionary<string, object> _dictionary = new(StringComparer.Ordinal);
    private readonly MemoryCache _memoryCache = new(new MemoryCacheOptions());
    private readonly Dictionary<int, BenchmarkCache> _caches = [];

    public HitStock(int entries, params int[] tagCounts)
    {
        foreach (var key in Keys.Range(0, entries))
            _dictionary[key] = Keys.Value;
        foreach (var key in Keys.Range(0, entries))
            _memoryCache.Set(key, Keys.Value);
        foreach (var tags in tagCounts)
            _caches.Add(tags, Loaded(entries, tags));
        MemoryUse.Tidy();
    }

    public HitLoop Dictionary(string[] keys) => new DictionaryHits(_dictionary, keys);

    public HitLoop MemoryCache(string[] keys) => new MemoryCacheHits(_memoryCache, keys);

    public HitLoop ByString(string[] keys, int tags) => new StringKeyHits<OwnCode.OfUnstale>(_caches[tags].Hybrid, keys, CallTags(tags));

    public HitLoop OnUnstaleCache(string[] keys, int tags) => new UnstaleCacheHits(_caches[tags].Unstale, keys, CallTags(tags));

    public HitLoop BySpan(string[] keys, int tags) => new SpanKeyHits(_caches[tags].Hybrid, keys, CallTags(tags));

    public void Dispose()
    {
        foreach (var cache in _caches.Values)
            cache.Dispose();
        _memoryCache.Dispose();
    }

    private static BenchmarkCache Loaded(int entries, int tags)
    {
        var names = Keys.SharedTagNames(entries, tags);
        var cache = new BenchmarkCache(entries);
        for (var number = 0; number < entries; number++)
            cache.Load(Keys.Of(number), Keys.Value, tags == 0 ? null : Keys.SharedTags(names, number, tags));
        return cache;
    }

    /// <summary>Returns the tags passed in a call besides the key. A hit does not use them.</summary>
    private static string[]? CallTags(int tags) => tags == 0 ? null : Keys.SharedTagNames(0, tags);
}
