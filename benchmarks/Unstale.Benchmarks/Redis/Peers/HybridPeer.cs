using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Values;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>HybridCache over the Redis cache of Microsoft. Its invalidations reach Redis and the memory of this node, and no other node.</summary>
internal sealed class HybridPeer : IPeer
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;

    public HybridPeer(PrivateRedis server)
    {
        var services = new ServiceCollection();
        services.AddStackExchangeRedisCache(options => options.Configuration = server.EndPoint);
        services.AddHybridCache(options => options.DefaultEntryOptions = new() { Expiration = TimeSpan.FromHours(1) });
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public void Load(IReadOnlyList<string> keys, string value, Func<string, string[]> tags) => Stored.Load(_cache, keys, value, tags);

    public ValueTask<string> ReadAsync(string key) => Stored.ReadAsync(_cache, key);

    public ValueTask InvalidateKeyAsync(string key) => _cache.RemoveAsync(key);

    public ValueTask InvalidateKeysAsync(IEnumerable<string> keys) => _cache.RemoveAsync(keys);

    public ValueTask InvalidateTagAsync(string tag) => _cache.RemoveByTagAsync(tag);

    public void Dispose() => _services.DisposeAsync().Wait();
}
