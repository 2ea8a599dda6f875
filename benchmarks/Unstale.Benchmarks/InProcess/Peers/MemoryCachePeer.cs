using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.InProcess.Hits;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

internal sealed class MemoryCachePeer : IMemoryPeer
{
    private readonly ServiceProvider _services;
    private readonly Func<ICacheEntry, string> _factory;
    private int _loads;

    public MemoryCachePeer()
    {
        _services = new ServiceCollection().AddMemoryCache().BuildServiceProvider();
        Cache = (MemoryCache)_services.GetRequiredService<IMemoryCache>();
        _factory = entry =>
        {
            _loads++;
            entry.AbsoluteExpirationRelativeToNow = MemoryPeers.Lifetime;
            return Keys.Value;
        };
    }

    private MemoryCache Cache { get; }

    public HitLoop Hits(string[] keys, string[]? tags) => new MemoryCacheHits(Cache, keys);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Load(string[] keys, string[][]? tags)
    {
        var before = _loads;
        foreach (var key in keys)
            Cache.GetOrCreate(key, _factory);
        return _loads - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Set(string[] keys, string[][]? tags)
    {
        foreach (var key in keys)
            Cache.Set(key, Keys.Value, MemoryPeers.Lifetime);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Remove(string[] keys)
    {
        foreach (var key in keys)
            Cache.Remove(key);
    }

    public void Dispose() => _services.DisposeAsync().Wait();
}
