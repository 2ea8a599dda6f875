using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.InProcess.Hits;
using Unstale.Benchmarks.Measuring;
using ZiggyCreatures.Caching.Fusion;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>FusionCache without a second level. Its factories take no state, so one delegate serves all calls.</summary>
internal sealed class FusionCachePeer : ITaggedPeer
{
    private readonly ServiceProvider _services;
    private readonly IFusionCache _cache;
    private readonly Func<FusionCacheFactoryExecutionContext<string>, CancellationToken, Task<string>> _factory;
    private int _loads;

    public FusionCachePeer()
    {
        var services = new ServiceCollection();
        services.AddFusionCache().WithDefaultEntryOptions(static options => options.Duration = MemoryPeers.Lifetime);
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<IFusionCache>();
        var value = Task.FromResult(Keys.Value);
        _factory = (_, _) =>
        {
            _loads++;
            return value;
        };
    }

    public HitLoop Hits(string[] keys, string[]? tags) => new FusionCacheHits(_cache, keys, tags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Load(string[] keys, string[][]? tags)
    {
        var before = _loads;
        for (var index = 0; index < keys.Length; index++)
            _cache.GetOrSetAsync<string>(keys[index], _factory, tags: tags?[index]).Wait();
        return _loads - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Set(string[] keys, string[][]? tags)
    {
        for (var index = 0; index < keys.Length; index++)
            _cache.SetAsync(keys[index], Keys.Value, options: null, tags?[index]).Wait();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Remove(string[] keys)
    {
        foreach (var key in keys)
            _cache.RemoveAsync(key).Wait();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void RemoveByTag(string[] tags)
    {
        foreach (var tag in tags)
            _cache.RemoveByTagAsync(tag).Wait();
    }

    public Func<ValueTask<string>> Read(string key, string[]? tags, Func<Task<string>> load)
    {
        Func<FusionCacheFactoryExecutionContext<string>, CancellationToken, Task<string>> factory = (_, _) => load();
        return () => _cache.GetOrSetAsync<string>(key, factory, tags: tags);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _services.DisposeAsync().Wait();
    }
}
