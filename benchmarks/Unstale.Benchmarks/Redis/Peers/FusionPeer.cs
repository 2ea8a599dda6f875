using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Propagation;
using Unstale.Benchmarks.Redis.Values;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>
/// FusionCache over the Redis cache of Microsoft, with its backplane. By default a removal returns when the value is removed from Redis, and its
/// message is published in the background.
/// </summary>
internal sealed class FusionPeer : IPeer
{
    private readonly RedisCache _remote;
    private readonly ServiceProvider _services;
    private readonly IFusionCache _cache;
    private readonly FusionCacheEntryOptions _notInMemory, _inMemoryAlone;

    /// <param name="server">Server of the values and the backplane.</param>
    /// <param name="name">Name of the cache. Nodes of one name share its messages.</param>
    /// <param name="awaitsBackplane">Whether an invalidation returns only when its message is published, as in Unstale.</param>
    public FusionPeer(PrivateRedis server, string name, bool awaitsBackplane = false)
    {
        _remote = new(new RedisCacheOptions { Configuration = server.EndPoint });
        var services = new ServiceCollection();
        services.AddFusionCache(name)
            .WithOptions(options =>
            {
                options.CacheKeyPrefix = name + ":";
                options.WaitForInitialBackplaneSubscribe = true;

                // The end of a probe is an event, which must not wait for a thread of the pool.
                options.EnableSyncEventHandlersExecution = true;
                if (awaitsBackplane)
                    options.TagsDefaultEntryOptions.AllowBackgroundBackplaneOperations = false;
            })
            .WithDefaultEntryOptions(options =>
            {
                options.Duration = TimeSpan.FromHours(1);
                options.AllowBackgroundBackplaneOperations = !awaitsBackplane;
            })
            .WithSerializer(new FusionCacheSystemTextJsonSerializer())
            .WithDistributedCache(_remote)
            .WithStackExchangeRedisBackplane(options => options.Configuration = server.EndPoint);
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<IFusionCacheProvider>().GetCache(name);
        _notInMemory = _cache.CreateEntryOptions().SetSkipMemoryCache();
        _inMemoryAlone = _cache.CreateEntryOptions().SetSkipDistributedCache(skip: true, skipBackplaneNotifications: true);
    }

    public void Load(IReadOnlyList<string> keys, string value, Func<string, string[]> tags)
    {
        foreach (var key in keys)
            _cache.SetAsync(key, value, _notInMemory, tags(key)).Wait();
    }

    public ValueTask<string> ReadAsync(string key) =>
        _cache.GetOrSetAsync<string>(key, static (_, _) => throw new NotInRedisException(), options: _notInMemory);

    public ValueTask InvalidateKeyAsync(string key) => _cache.RemoveAsync(key);

    public ValueTask InvalidateTagAsync(string tag) => _cache.RemoveByTagAsync(tag);

    /// <summary>Stores the probes in memory and records the removal of each, until the result is disposed.</summary>
    public IDisposable Tell(Arrivals arrivals)
    {
        for (var probe = 0; probe < arrivals.Count; probe++)
            _cache.SetAsync(Arrivals.Key(probe), "held", _inMemoryAlone).Wait();
        return new Seat(_cache, arrivals);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _services.DisposeAsync().Wait();
        _remote.Dispose();
    }

    private sealed class Seat : IDisposable
    {
        private readonly IFusionCache _cache;
        private readonly Arrivals _arrivals;

        public Seat(IFusionCache cache, Arrivals arrivals)
        {
            (_cache, _arrivals) = (cache, arrivals);
            _cache.Events.Memory.Remove += Gone;
        }

        public void Dispose() => _cache.Events.Memory.Remove -= Gone;

        private void Gone(object? sender, ZiggyCreatures.Caching.Fusion.Events.FusionCacheEntryEventArgs gone) =>
            _arrivals.Gone(gone.Key);
    }
}
