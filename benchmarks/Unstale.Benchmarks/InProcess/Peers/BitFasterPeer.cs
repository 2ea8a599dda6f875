using System.Runtime.CompilerServices;
using BitFaster.Caching;
using Unstale.Benchmarks.InProcess.Hits;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>A cache of BitFaster.Caching. Entries do not expire; there is no registration for services.</summary>
internal sealed class BitFasterPeer<TOwnCode> : IMemoryPeer
    where TOwnCode : struct
{
    private readonly ICache<string, string> _cache;
    private readonly Func<string, string> _factory;
    private int _loads;

    public BitFasterPeer(ICache<string, string> cache)
    {
        _cache = cache;
        _factory = _ =>
        {
            _loads++;
            return Keys.Value;
        };
    }

    public HitLoop Hits(string[] keys, string[]? tags) => new BitFasterHits<TOwnCode>(_cache, keys);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Load(string[] keys, string[][]? tags)
    {
        var before = _loads;
        foreach (var key in keys)
            _cache.GetOrAdd(key, _factory);
        return _loads - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Set(string[] keys, string[][]? tags)
    {
        foreach (var key in keys)
            _cache.AddOrUpdate(key, Keys.Value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Remove(string[] keys)
    {
        foreach (var key in keys)
            _cache.TryRemove(key);
    }

    public void Dispose() => _cache.Clear();
}
