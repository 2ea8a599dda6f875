using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Flags, sizes and the context of a load. Lifetimes are in <see cref="ExpiryBehaviours"/>.</summary>
internal static class OptionBehaviours
{
    private const string OldIsRemoved = "SetAsync means that the source has changed, so Unstale removes the old value even if the new value is not stored.";

    public static Behaviour[] All { get; } =
    [
        Same("Two reads with options that are all null", "cached", static t => t.ReadTwiceAsync("k", new())),
        Same("Two reads with None", "load 1, load 1; a read without flags returns load 1", static t => ReadAsync(t, None)),
        Same("Two reads with DisableLocalCacheRead", "load 1, load 2; a read without flags returns load 2", static t => ReadAsync(t, DisableLocalCacheRead)),
        Same("Two reads with DisableLocalCacheWrite", "load 1, load 2; a read without flags returns load 3", static t => ReadAsync(t, DisableLocalCacheWrite)),
        Same("Two reads with DisableLocalCache", "load 1, load 2; a read without flags returns load 3", static t => ReadAsync(t, DisableLocalCache)),
        Same("Two reads with DisableDistributedCacheRead", "load 1, load 1; a read without flags returns load 1",
            static t => ReadAsync(t, DisableDistributedCacheRead)),
        Same("Two reads with DisableDistributedCacheWrite", "load 1, load 1; a read without flags returns load 1",
            static t => ReadAsync(t, DisableDistributedCacheWrite)),
        Same("Two reads with DisableDistributedCache", "load 1, load 1; a read without flags returns load 1", static t => ReadAsync(t, DisableDistributedCache)),
        Same("Two reads with DisableUnderlyingData", "no value, no value; a read without flags returns load 1", static t => ReadAsync(t, DisableUnderlyingData)),
        Same("Two reads with DisableCompression", "load 1, load 1; a read without flags returns load 1", static t => ReadAsync(t, DisableCompression)),
        Same("Two reads with DisableLocalCache and DisableDistributedCache", "load 1, load 2; a read without flags returns load 3",
            static t => ReadAsync(t, DisableLocalCache | DisableDistributedCache)),
        Same("Two reads with DisableUnderlyingData and DisableLocalCacheRead", "no value, no value; a read without flags returns load 1",
            static t => ReadAsync(t, DisableUnderlyingData | DisableLocalCacheRead)),
        Same("Two reads with a flag that has no meaning", "load 1, load 1; a read without flags returns load 1",
            static t => ReadAsync(t, (HybridCacheEntryFlags)(1 << 20))),

        Same("A read of a cached key with DisableCompression", "set; a read without flags returns set", static t => HitAsync(t, DisableCompression)),
        Same("A read of a cached key with DisableLocalCacheRead", "load 1; a read without flags returns load 1", static t => HitAsync(t, DisableLocalCacheRead)),
        Same("A read of a cached key with DisableLocalCacheWrite", "set; a read without flags returns set", static t => HitAsync(t, DisableLocalCacheWrite)),
        Same("A read of a cached key with DisableLocalCache", "load 1; a read without flags returns set", static t => HitAsync(t, DisableLocalCache)),
        Same("A read of a cached key with DisableDistributedCacheRead", "set; a read without flags returns set", static t => HitAsync(t, DisableDistributedCacheRead)),
        Same("A read of a cached key with DisableDistributedCacheWrite", "set; a read without flags returns set", static t => HitAsync(t, DisableDistributedCacheWrite)),
        Same("A read of a cached key with DisableDistributedCache", "set; a read without flags returns set", static t => HitAsync(t, DisableDistributedCache)),
        Same("A read of a cached key with DisableUnderlyingData", "set; a read without flags returns set", static t => HitAsync(t, DisableUnderlyingData)),
        Same("A read of a cached key with DisableUnderlyingData and DisableLocalCacheRead", "no value; a read without flags returns set",
            static t => HitAsync(t, DisableUnderlyingData | DisableLocalCacheRead)),
        Same("A read of a cached key with DisableUnderlyingData and DisableLocalCacheWrite", "set; a read without flags returns set",
            static t => HitAsync(t, DisableUnderlyingData | DisableLocalCacheWrite)),

        Same("SetAsync with None", "caches the new value", static t => SetAsync(t, None)),
        Same("SetAsync with DisableLocalCacheRead", "caches the new value", static t => SetAsync(t, DisableLocalCacheRead)),
        Differs("SetAsync with DisableLocalCacheWrite", "keeps the old value", "removes the old value", OldIsRemoved,
            static t => SetAsync(t, DisableLocalCacheWrite)),
        Differs("SetAsync with DisableLocalCache", "keeps the old value", "removes the old value", OldIsRemoved,
            static t => SetAsync(t, DisableLocalCache)),
        Same("SetAsync with DisableDistributedCacheRead", "caches the new value", static t => SetAsync(t, DisableDistributedCacheRead)),
        Same("SetAsync with DisableDistributedCacheWrite", "caches the new value", static t => SetAsync(t, DisableDistributedCacheWrite)),
        Same("SetAsync with DisableDistributedCache", "caches the new value", static t => SetAsync(t, DisableDistributedCache)),
        Differs(
            "SetAsync with DisableUnderlyingData",
            "keeps the old value",
            "caches the new value",
            "SetAsync carries the value, so Unstale stores the value without access to the source.",
            static t => SetAsync(t, DisableUnderlyingData)),
        Differs("SetAsync with DisableLocalCache and DisableDistributedCache", "keeps the old value", "removes the old value", OldIsRemoved,
            static t => SetAsync(t, DisableLocalCache | DisableDistributedCache)),
        Same("SetAsync with DisableCompression", "caches the new value", static t => SetAsync(t, DisableCompression)),

        Same("A value type that may not be loaded", "0", static async t =>
            $"{await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(7), new() { Flags = DisableUnderlyingData })}"),
        Same("A null value and a read that may not load", "null", static async t =>
        {
            await t.Cache.SetAsync<string?>("k", null);
            return await t.PeekAsync("k") ?? "null";
        }),

        Same("LocalSize above the size limit of the memory cache", "cached", static t =>
        {
            t.Registrations.AddMemoryCache(static options => options.SizeLimit = 1_000);
            return t.ReadTwiceAsync("k", new() { LocalSize = 2_000 });
        }),
        Same("A negative LocalSize", "cached", static t => t.ReadTwiceAsync("k", new() { LocalSize = -1 })),

        Same("Two reads with a HybridCacheEntryContext", "cached", static async t =>
        {
            var first = await ReadAsync(t, static _ => { });
            return await ReadAsync(t, static _ => { }) == first ? "cached" : "loads each time";
        }),
        Same("50 callers with a HybridCacheEntryContext", "1 load", static async t =>
        {
            var load = new GatedLoad<string>("v");
            var reads = Enumerable.Range(0, 50).Select(_ => t.Cache.GetOrCreateAsync("k", (HybridCacheEntryContext _, CancellationToken token) => load.RunAsync(token)).AsTask()).ToArray();
            load.Release();
            await Task.WhenAll(reads);
            return $"{load.Runs} load";
        }),
        Differs(
            "Options that a HybridCacheEntryContext starts with",
            "null, null, null, null",
            "00:05:00, 00:05:00, None, null",
            "Version 10.11 of Microsoft's package leaves the context to the base class, which starts with the options of the call alone.",
            static async t =>
            {
                var seen = "";
                await ReadAsync(t, context => seen = Describe(context));
                return seen;
            }),
        Same("Options of the call in a HybridCacheEntryContext", "00:02:00, 00:01:00, DisableCompression, 7", static async t =>
        {
            var seen = "";
            var options = new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(2), LocalCacheExpiration = TimeSpan.FromMinutes(1), Flags = DisableCompression, LocalSize = 7 };
            await ReadAsync(t, context => seen = Describe(context), options);
            return seen;
        }),
        Same("A load that sets Expiration in its context", "expires after 1 min", static async t =>
        {
            await ReadAsync(t, static context => context.Expiration = TimeSpan.FromMinutes(1));
            return await t.LifetimeAsync("k");
        }),
        Same("A load that raises Expiration in its context", "expires after 60 min", static async t =>
        {
            await ReadAsync(t, static context => context.Expiration = TimeSpan.FromHours(1), new() { Expiration = TimeSpan.FromMinutes(1) });
            return await t.LifetimeAsync("k");
        }),
        Same("A load that raises Expiration and LocalCacheExpiration in its context", "expires after 60 min", static async t =>
        {
            await ReadAsync(t, static context => context.LocalCacheExpiration = context.Expiration = TimeSpan.FromHours(1), new() { Expiration = TimeSpan.FromMinutes(1) });
            return await t.LifetimeAsync("k");
        }),
        Same("A load that sets Expiration to zero in its context", "load 1; nothing is cached", static async t =>
        {
            var outcome = await Outcome.OfAsync(() => ReadAsync(t, static context => context.Expiration = TimeSpan.Zero));
            return $"{outcome}; {await t.CachedAsync("k")}";
        }),
        Same("A load that sets LocalCacheExpiration in its context", "expires after 1 min", static async t =>
        {
            await ReadAsync(t, static context => context.LocalCacheExpiration = TimeSpan.FromMinutes(1));
            return await t.LifetimeAsync("k");
        }),
        Same("A load that sets DisableLocalCacheWrite in its context", "nothing is cached", static async t =>
        {
            await ReadAsync(t, static context => context.Flags = DisableLocalCacheWrite);
            return await t.CachedAsync("k");
        }),
    ];

    private static async Task<string> ReadAsync(Trial t, HybridCacheEntryFlags flags)
    {
        var options = new HybridCacheEntryOptions { Flags = flags };
        var (first, second) = (await t.ReadAsync("k", options), await t.ReadAsync("k", options));
        return $"{first ?? "no value"}, {second ?? "no value"}; a read without flags returns {await t.ReadAsync("k")}";
    }

    private static string Describe(HybridCacheEntryContext context)
    {
        object?[] members = [context.Expiration, context.LocalCacheExpiration, context.Flags, context.LocalSize];
        return string.Join(", ", members.Select(static member => member ?? "null"));
    }

    private static async ValueTask<string> ReadAsync(Trial t, Action<HybridCacheEntryContext> change, HybridCacheEntryOptions? options = null) =>
        await t.Cache.GetOrCreateAsync(
            "k",
            (HybridCacheEntryContext context, CancellationToken token) =>
            {
                change(context);
                return t.LoadAsync(token);
            },
            options);

    private static async Task<string> HitAsync(Trial t, HybridCacheEntryFlags flags)
    {
        await t.Cache.SetAsync("k", "set");
        return $"{await t.ReadAsync("k", new() { Flags = flags }) ?? "no value"}; a read without flags returns {await t.ReadAsync("k")}";
    }

    private static Task<string> SetAsync(Trial t, HybridCacheEntryFlags flags) => t.ReplacementAsync(() => t.Cache.SetAsync("k", "new", new() { Flags = flags }));
}
