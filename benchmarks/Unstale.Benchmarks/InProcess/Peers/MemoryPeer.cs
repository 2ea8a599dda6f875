using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>A cache in memory with its defaults, through the calls that all three caches have.</summary>
internal sealed class MemoryPeer : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly HybridCache? _hybrid;
    private readonly IFusionCache? _fusion;

    private MemoryPeer(IServiceCollection services)
    {
        _services = services.BuildServiceProvider();
        _hybrid = _services.GetService<HybridCache>();
        _fusion = _services.GetService<IFusionCache>();
    }

    public static MemoryPeer Unstale() => new(new ServiceCollection().AddUnstale().Services);

    public static MemoryPeer FusionCache() => new(new ServiceCollection().AddFusionCache().Services);

    public static MemoryPeer HybridCache() => new(new ServiceCollection().AddHybridCache().Services);

    public async Task<int> ReadAsync(string key, string tag, Func<Task<int>> load) => _hybrid is not null
        ? await _hybrid.GetOrCreateAsync(key, async _ => await load(), tags: [tag])
        : await _fusion!.GetOrSetAsync<int>(key, async (_, _) => await load(), tags: [tag]);

    public ValueTask RemoveAsync(string key) => _hybrid?.RemoveAsync(key) ?? _fusion!.RemoveAsync(key);

    public ValueTask RemoveByTagAsync(string tag) => _hybrid?.RemoveByTagAsync(tag) ?? _fusion!.RemoveByTagAsync(tag);

    public ValueTask SetAsync(string key, int value, string tag) => _hybrid?.SetAsync(key, value, tags: [tag]) ?? _fusion!.SetAsync(key, value, tags: [tag]);

    public void Dispose()
    {
        _fusion?.Dispose();
        _services.Dispose();
    }
}
