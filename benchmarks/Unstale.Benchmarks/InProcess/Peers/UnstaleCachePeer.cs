using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.InProcess.Hits;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Unstale through its own types: reads of <see cref="UnstaleCache"/>, and invalidations of <see cref="IInvalidator"/>, which return receipts.</summary>
internal sealed class UnstaleCachePeer : ITaggedPeer
{
    private readonly ServiceProvider _services = MemoryPeers.UnstaleServices().BuildServiceProvider();
    private readonly IInvalidator _invalidator;
    private int _loads;

    public UnstaleCachePeer()
    {
        Cache = _services.GetRequiredService<UnstaleCache>();
        _invalidator = _services.GetRequiredService<IInvalidator>();
    }

    private UnstaleCache Cache { get; }

    public HitLoop Hits(string[] keys, string[]? tags) => new UnstaleCacheHits(Cache, keys, tags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Load(string[] keys, string[][]? tags)
    {
        var before = _loads;
        for (var index = 0; index < keys.Length; index++)
        {
            Cache.GetOrCreateAsync(
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
            Cache.SetAsync(keys[index], Keys.Value, options: null, tags?[index]).Wait();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Remove(string[] keys)
    {
        foreach (var key in keys)
            _invalidator.InvalidateKeyAsync(key).Wait();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void RemoveByTag(string[] tags)
    {
        foreach (var tag in tags)
            _invalidator.InvalidateTagAsync(tag).Wait();
    }

    public Func<ValueTask<string>> Read(string key, string[]? tags, Func<Task<string>> load) =>
        () => Cache.GetOrCreateAsync(key, load, static (load, _) => new ValueTask<string>(load()), options: null, tags);

    public void Dispose() => _services.DisposeAsync().Wait();
}
