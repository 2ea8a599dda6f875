using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Services that a cache registers, and services that a cache uses.</summary>
internal static class RegistrationBehaviours
{
    private const string OwnOptions = "UnstaleOptions replaces HybridCacheOptions.";
    private const string OneMemory = "Microsoft's keyed caches share the entries of the registered IMemoryCache; each cache of Unstale has a memory of its own.";

    public static Behaviour[] All { get; } =
    [
        Same("HybridCache, resolved twice", "one cache", static t => Task.FromResult(OneOrTwo(t.Cache, t.Services.GetRequiredService<HybridCache>()))),
        Same("HybridCache, added twice", "1 service", static t =>
        {
            t.AddCache();
            return Task.FromResult($"{t.Services.GetServices<HybridCache>().Count()} service");
        }),
        Same("HybridCache, resolved in a scope", "one cache", static t =>
        {
            using var scope = t.Services.CreateScope();
            return Task.FromResult(OneOrTwo(t.Cache, scope.ServiceProvider.GetRequiredService<HybridCache>()));
        }),
        Same("A keyed cache, resolved twice", "one cache", static t =>
        {
            t.AddKeyed("named");
            return Task.FromResult(OneOrTwo(t.Services.GetRequiredKeyedService<HybridCache>("named"), t.Services.GetRequiredKeyedService<HybridCache>("named")));
        }),
        Same("A keyed cache and the one without a key", "two caches", static t =>
        {
            t.AddKeyed("named");
            return Task.FromResult(OneOrTwo(t.Cache, t.Services.GetRequiredKeyedService<HybridCache>("named")));
        }),
        Same("A keyed cache that was not added", "throws InvalidOperationException",
            static t => Task.FromResult($"{t.Services.GetRequiredKeyedService<HybridCache>("missing")}")),
        Differs("Entries of a keyed cache and of the one without a key", "shared", "separate", OneMemory,
            static async t =>
            {
                t.AddKeyed("named");
                await t.Cache.SetAsync("k", "set");
                var read = await t.Services.GetRequiredKeyedService<HybridCache>("named").GetOrCreateAsync("k", static _ => new ValueTask<string>("loaded"));
                return read == "set" ? "shared" : "separate";
            }),
        Differs("Entries of two keyed caches", "shared", "separate", OneMemory,
            static async t =>
            {
                t.AddKeyed("one");
                t.AddKeyed("other");
                await t.Services.GetRequiredKeyedService<HybridCache>("one").SetAsync("k", "set");
                var read = await t.Services.GetRequiredKeyedService<HybridCache>("other").GetOrCreateAsync("k", static _ => new ValueTask<string>("loaded"));
                return read == "set" ? "shared" : "separate";
            }),
        Same("RemoveAsync in a keyed cache", "concerns the cache without a key too", static async t =>
        {
            t.AddKeyed("named");
            await t.Cache.SetAsync("a", "set", tags: ["a"]);
            await t.Services.GetRequiredKeyedService<HybridCache>("named").RemoveAsync("a");
            return await t.PeekAsync("a") is null ? "concerns the cache without a key too" : "does not concern the cache without a key";
        }),
        Differs(
            "RemoveByTagAsync in a keyed cache",
            "does not concern the cache without a key",
            "concerns the cache without a key too",
            "Caches of one log share removals; UnstaleOptions.Log separates the caches.",
            static async t =>
            {
                t.AddKeyed("named");
                await t.Cache.SetAsync("a", "set", tags: ["a"]);
                await t.Services.GetRequiredKeyedService<HybridCache>("named").RemoveByTagAsync("a");
                return await t.PeekAsync("a") is null ? "concerns the cache without a key too" : "does not concern the cache without a key";
            }),

        Differs("HybridCacheOptions.DefaultEntryOptions", "expires after 1 min", "expires after 5 min", OwnOptions,
            static async t =>
            {
                t.Registrations.Configure<HybridCacheOptions>(static options => options.DefaultEntryOptions = new() { Expiration = TimeSpan.FromMinutes(1) });
                await t.Cache.SetAsync("k", "set");
                return await t.LifetimeAsync("k");
            }),
        Differs("HybridCacheOptions.MaximumKeyLength", "is applied", "has no effect", OwnOptions,
            static async t =>
            {
                t.Registrations.Configure<HybridCacheOptions>(static options => options.MaximumKeyLength = 16);
                return await t.ReadTwiceAsync(new('k', 100)) == "cached" ? "has no effect" : "is applied";
            }),
        Differs(
            "A registered IDistributedCache",
            "holds the value",
            "is not used",
            "IDistributedCache stores bytes without a position of the log; UseRedis adds a second level.",
            static async t =>
            {
                var second = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
                t.Registrations.AddSingleton<IDistributedCache>(new Forwarding(second));
                await t.Cache.SetAsync("k", "set");
                return await second.GetAsync("k") is null ? "is not used" : "holds the value";
            }),
        Differs("The registered IMemoryCache, when it is cleared", "nothing is cached", "k is cached", "Unstale has a memory of its own.",
            static async t =>
            {
                await t.Cache.SetAsync("k", "set");
                ((MemoryCache)t.Services.GetRequiredService<IMemoryCache>()).Clear();
                return await t.CachedAsync("k");
            }),
        Differs(
            "A registered TimeProvider, without a clock in MemoryCacheOptions",
            "entries expire by the system clock",
            "entries expire by the TimeProvider",
            "Unstale reads the time from TimeProvider alone; the memory cache of Microsoft's implementation does not read TimeProvider.",
            static async t =>
            {
                t.Registrations.Configure<MemoryCacheOptions>(static options => options.Clock = null);
                await t.Cache.SetAsync("k", "set");
                t.Clock.Advance(TimeSpan.FromHours(1));
                return await t.PeekAsync("k") is null ? "entries expire by the TimeProvider" : "entries expire by the system clock";
            }),
        Same("Services that are disposed without await", "returns", static t =>
        {
            _ = t.Cache;
            ((IDisposable)t.Services).Dispose();
            return Task.FromResult("returns");
        }),
        Same("A read after the services are disposed", "throws ObjectDisposedException", static async t =>
        {
            await t.ReadAsync("k");
            await t.DisposeAsync();
            return await t.ReadAsync("k");
        }),
        Differs(
            "RemoveAsync after the services are disposed",
            "throws ObjectDisposedException",
            "returns",
            "Unstale accepts removals during shutdown.",
            static async t =>
            {
                await t.ReadAsync("k");
                await t.DisposeAsync();
                await t.Cache.RemoveAsync("k");
                return "returns";
            }),
    ];

    private static string OneOrTwo(HybridCache one, HybridCache other) => ReferenceEquals(one, other) ? "one cache" : "two caches";

    /// <summary>A second level of a type that Microsoft's implementation does not take for its own memory.</summary>
    private sealed class Forwarding(IDistributedCache target) : IDistributedCache
    {
        public byte[]? Get(string key) => target.Get(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => target.GetAsync(key, token);

        public void Refresh(string key) => target.Refresh(key);

        public Task RefreshAsync(string key, CancellationToken token = default) => target.RefreshAsync(key, token);

        public void Remove(string key) => target.Remove(key);

        public Task RemoveAsync(string key, CancellationToken token = default) => target.RemoveAsync(key, token);

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => target.Set(key, value, options);

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
            target.SetAsync(key, value, options, token);
    }
}
