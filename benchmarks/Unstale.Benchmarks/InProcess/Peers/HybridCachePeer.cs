using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.InProcess.Hits;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>A <see cref="HybridCache"/>: the one of Microsoft, or Unstale in its place.</summary>
internal sealed class HybridCachePeer<TOwnCode> : ITaggedPeer
    where TOwnCode : struct
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;
    private int _loads;

    public HybridCachePeer(IServiceCollection services)
    {
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public HitLoop Hits(string[] keys, string[]? tags) => new StringKeyHits<TOwnCode>(_cache, keys, tags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Load(string[] keys, string[][]? tags)
    {
        var before = _loads;
        for (var index = 0; index < keys.Length; index++)
        {
            _cache.GetOrCreateAsync(
                keys[index],
                this,
                static (self, _) =>
                {
                    self._loads++;
                    return ValueTask.FromResult(Keys.Value);
                },
                options: null,
                tags?[index]).Wait();
        }

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

    public Func<ValueTask<string>> Read(string key, string[]? tags, Func<Task<string>> load) =>
        () => _cache.GetOrCreateAsync(key, load, static (load, _) => new ValueTask<string>(load()), options: null, tags);

    public void Dispose() => _services.DisposeAsync().Wait();
}
