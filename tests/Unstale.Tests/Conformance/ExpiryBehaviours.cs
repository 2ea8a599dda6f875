using Microsoft.Extensions.Caching.Hybrid;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Lifetimes of entries, on a manual clock.</summary>
internal static class ExpiryBehaviours
{
    private const string NotCached = "Unstale does not cache an entry without a lifetime.";
    private const string OldIsRemoved = "SetAsync means that the source has changed, so Unstale removes the old value; Microsoft's implementation drops the exception.";
    private const string Century = "Unstale reduces lifetimes above 100 years to 100 years.";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static Behaviour[] All { get; } =
    [
        Same("A read without options", "expires after 5 min", static t => ReadAsync(t, null)),
        Same("A read with Expiration of 1 minute", "expires after 1 min", static t => ReadAsync(t, new() { Expiration = Minute })),
        Same("A read with Expiration of 1 hour", "expires after 60 min", static t => ReadAsync(t, new() { Expiration = Hour })),
        Same("A read with LocalCacheExpiration of 1 minute", "expires after 1 min", static t => ReadAsync(t, new() { LocalCacheExpiration = Minute })),
        Same("A read with LocalCacheExpiration of 1 hour", "expires after 60 min", static t => ReadAsync(t, new() { LocalCacheExpiration = Hour })),
        Same("A read with LocalCacheExpiration below Expiration, without a second level", "expires after 1 min",
            static t => ReadAsync(t, new() { Expiration = Hour, LocalCacheExpiration = Minute })),
        Same("A read with LocalCacheExpiration above Expiration", "expires after 1 min",
            static t => ReadAsync(t, new() { Expiration = Minute, LocalCacheExpiration = Hour })),
        Differs("A read with Expiration of zero", "throws ArgumentOutOfRangeException", "loads each time", NotCached,
            static t => t.ReadTwiceAsync("k", new() { Expiration = TimeSpan.Zero })),
        Differs("A read with a negative Expiration", "throws ArgumentOutOfRangeException", "loads each time", NotCached,
            static t => t.ReadTwiceAsync("k", new() { Expiration = -Minute })),
        Differs("A read with LocalCacheExpiration of zero", "throws ArgumentOutOfRangeException", "loads each time", NotCached,
            static t => t.ReadTwiceAsync("k", new() { LocalCacheExpiration = TimeSpan.Zero })),
        Differs("A read with a negative LocalCacheExpiration", "throws ArgumentOutOfRangeException", "loads each time", NotCached,
            static t => t.ReadTwiceAsync("k", new() { LocalCacheExpiration = -Minute })),
        Differs("A read with the longest possible Expiration", "throws ArgumentOutOfRangeException", "does not expire", Century,
            static t => ReadAsync(t, new() { Expiration = TimeSpan.MaxValue })),
        Same("A read of a cached key with an Expiration of zero", "set", static async t =>
        {
            await t.Cache.SetAsync("k", "set");
            return await t.ReadAsync("k", new() { Expiration = TimeSpan.Zero });
        }),

        Same("SetAsync without options", "expires after 5 min", static t => SetAsync(t, null)),
        Same("SetAsync with Expiration of 1 minute", "expires after 1 min", static t => SetAsync(t, new() { Expiration = Minute })),
        Same("SetAsync with LocalCacheExpiration of 1 hour", "expires after 60 min", static t => SetAsync(t, new() { LocalCacheExpiration = Hour })),
        Differs("SetAsync with Expiration of zero", "keeps the old value", "removes the old value", OldIsRemoved,
            static t => SetAgainAsync(t, new() { Expiration = TimeSpan.Zero })),
        Differs("SetAsync with a negative Expiration", "keeps the old value", "removes the old value", OldIsRemoved,
            static t => SetAgainAsync(t, new() { Expiration = -Minute })),
        Differs("SetAsync with the longest possible Expiration", "not cached", "does not expire", Century,
            static t => SetAsync(t, new() { Expiration = TimeSpan.MaxValue })),

        Same("A read in the middle of the lifetime", "does not renew the lifetime", static async t =>
        {
            await t.ReadAsync("k", new() { Expiration = Minute });
            t.Clock.Advance(Minute / 2);
            await t.ReadAsync("k", new() { Expiration = Minute });
            t.Clock.Advance(Minute / 2);
            return await t.PeekAsync("k") is null ? "does not renew the lifetime" : "renews the lifetime";
        }),
        Same("A read of a cached key with a shorter Expiration", "expires after 60 min", static async t =>
        {
            await t.ReadAsync("k", new() { Expiration = Hour });
            await t.ReadAsync("k", new() { Expiration = Minute });
            return await t.LifetimeAsync("k");
        }),
        Same("SetAsync in the middle of the lifetime", "expires after 1 min", static async t =>
        {
            await t.Cache.SetAsync("k", "first", new() { Expiration = Minute });
            t.Clock.Advance(Minute / 2);
            await t.Cache.SetAsync("k", "second", new() { Expiration = Minute });
            return await t.LifetimeAsync("k");
        }),
        Same("A load that takes longer than the lifetime", "expires after 1 min", static async t =>
        {
            await t.Cache.GetOrCreateAsync(
                "k",
                _ =>
                {
                    t.Clock.Advance(2 * Minute);
                    return new ValueTask<string>("v");
                },
                new() { Expiration = Minute });
            return await t.LifetimeAsync("k");
        }),
        Same("A read after the end of the lifetime", "load 2, load 2", static async t =>
        {
            await t.ReadAsync("k");
            t.Clock.Advance(Hour);
            return $"{await t.ReadAsync("k")}, {await t.ReadAsync("k")}";
        }),
    ];

    private static async Task<string> ReadAsync(Trial t, HybridCacheEntryOptions? options)
    {
        await t.ReadAsync("k", options);
        return await t.LifetimeAsync("k");
    }

    private static async Task<string> SetAsync(Trial t, HybridCacheEntryOptions? options)
    {
        await t.Cache.SetAsync("k", "set", options);
        return await t.LifetimeAsync("k");
    }

    private static Task<string> SetAgainAsync(Trial t, HybridCacheEntryOptions options) => t.ReplacementAsync(() => t.Cache.SetAsync("k", "new", options));
}
