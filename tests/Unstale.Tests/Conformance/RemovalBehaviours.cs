using Microsoft.Extensions.Caching.Hybrid;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Removals and writes, also while a load of the key runs.</summary>
internal static class RemovalBehaviours
{
    private const string WriteBack = "A value that was read from the source before a removal is not cached after the removal.";
    private const string SetIsNewer = "A value that was read from the source before SetAsync is older than the value set.";
    private const string NoJoin = "A caller that begins after a removal does not join a load that began before.";
    private const string BeganBefore = "Unstale compares the beginning of the load with the removal or write, regardless of the caller.";
    private const string Recorded = "Unstale records the reads of a load as dependencies (RecordDependencies).";

    public static Behaviour[] All { get; } =
    [
        Same("RemoveAsync of a cached key", "removes a", static t => RemoveAsync(t, static cache => cache.RemoveAsync("a"))),
        Same("RemoveAsync of a key that is not cached", "removes nothing", static t => RemoveAsync(t, static cache => cache.RemoveAsync("d"))),
        Same("RemoveAsync of several keys", "removes a and b", static t => RemoveAsync(t, static cache => cache.RemoveAsync(["a", "b"]))),
        Same("RemoveByTagAsync of one tag", "removes a", static t => RemoveAsync(t, static cache => cache.RemoveByTagAsync("a"))),
        Same("RemoveByTagAsync of several tags", "removes a and c", static t => RemoveAsync(t, static cache => cache.RemoveByTagAsync(["a", "c"]))),
        Same("RemoveByTagAsync of *", "removes everything", static t => RemoveAsync(t, static cache => cache.RemoveByTagAsync("*"))),
        Same("A value set after the removal of its key", "cached", static t => SetAfterAsync(t, static cache => cache.RemoveAsync("k"))),
        Same("A value set after the removal of its tag", "cached", static t => SetAfterAsync(t, static cache => cache.RemoveByTagAsync("tag"))),
        Same("A value set after the removal of *", "cached", static t => SetAfterAsync(t, static cache => cache.RemoveByTagAsync("*"))),
        Differs(
            "A value set in the same tick of the clock as the removal of the tag",
            "not cached",
            "cached",
            "Unstale orders by the positions of the log; Microsoft's implementation compares times, which a stopped test clock makes equal.",
            static t =>
            {
                t.Clock.AutoAdvanceAmount = TimeSpan.Zero;
                return SetAfterAsync(t, static cache => cache.RemoveByTagAsync("tag"));
            }),
        Same("Two values set one after the other", "second", static async t =>
        {
            await t.Cache.SetAsync("k", "first");
            await t.Cache.SetAsync("k", "second");
            return await t.ReadAsync("k");
        }),

        Differs("RemoveAsync during the load", "the next read returns old", "the next read returns new", WriteBack,
            static t => DuringLoadAsync(t, static cache => cache.RemoveAsync("k"))),
        Differs("RemoveAsync of several keys during the load", "the next read returns old", "the next read returns new", WriteBack,
            static t => DuringLoadAsync(t, static cache => cache.RemoveAsync(["j", "k"]))),
        Differs("RemoveByTagAsync during the load", "the next read returns old", "the next read returns new", WriteBack,
            static t => DuringLoadAsync(t, static cache => cache.RemoveByTagAsync("tag"))),
        Differs("RemoveByTagAsync of several tags during the load", "the next read returns old", "the next read returns new", WriteBack,
            static t => DuringLoadAsync(t, static cache => cache.RemoveByTagAsync(["other", "tag"]))),
        Differs("RemoveByTagAsync of * during the load", "the next read returns old", "the next read returns new", WriteBack,
            static t => DuringLoadAsync(t, static cache => cache.RemoveByTagAsync("*"))),
        Differs("SetAsync during the load", "the next read returns old", "the next read returns set", SetIsNewer,
            static t => DuringLoadAsync(t, static cache => cache.SetAsync("k", "set"))),
        Differs("SetAsync with DisableLocalCacheWrite during the load", "the next read returns old", "the next read returns new", SetIsNewer,
            static t => DuringLoadAsync(t, static cache => cache.SetAsync("k", "set", new() { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite }))),
        Same("A caller that has waited since before RemoveAsync", "receives old", static async t =>
        {
            var load = new GatedLoad<string>("old");
            var first = t.Cache.GetOrCreateAsync("k", load.RunAsync).AsTask();
            var second = t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("new")).AsTask();
            await t.Cache.RemoveAsync("k");
            load.Release();
            await first;
            return $"receives {await second}";
        }),
        Differs("A read that begins after RemoveAsync, while an older load runs", "returns old", "returns new", NoJoin,
            static t => ReadAfterAsync(t, static cache => cache.RemoveAsync("k"))),
        Differs("A read that begins after RemoveByTagAsync, while an older load runs", "returns old", "returns new", NoJoin,
            static t => ReadAfterAsync(t, static cache => cache.RemoveByTagAsync("tag"))),
        Differs("A read that begins after RemoveByTagAsync of *, while an older load runs", "returns old", "returns new", NoJoin,
            static t => ReadAfterAsync(t, static cache => cache.RemoveByTagAsync("*"))),
        Same("A read that begins after SetAsync, while an older load runs", "returns set",
            static t => ReadAfterAsync(t, static cache => cache.SetAsync("k", "set"))),

        Differs("A factory that removes its own key", "returns loaded; loaded is cached", "returns loaded; nothing is cached", BeganBefore,
            static t => InsideAsync(t, static cache => cache.RemoveAsync("k"))),
        Differs("A factory that removes its own tag", "returns loaded; loaded is cached", "returns loaded; nothing is cached", BeganBefore,
            static t => InsideAsync(t, static cache => cache.RemoveByTagAsync("tag"))),
        Differs("A factory that sets its own key", "returns loaded; loaded is cached", "returns loaded; set is cached", BeganBefore,
            static t => InsideAsync(t, static cache => cache.SetAsync("k", "set"))),
        Differs("The removal of a key that the load of another key has read", "page is cached", "nothing is cached", Recorded,
            static async t =>
            {
                await t.Cache.GetOrCreateAsync("page", async _ => await t.ReadAsync("user"));
                await t.Cache.RemoveAsync("user");
                return await t.CachedAsync("page", "user");
            }),
        Differs("The removal of a tag of a value that the load of another key has read", "page is cached", "nothing is cached", Recorded,
            static async t =>
            {
                await t.Cache.GetOrCreateAsync("page", async _ => await t.ReadAsync("user", tags: ["users"]));
                await t.Cache.RemoveByTagAsync("users");
                return await t.CachedAsync("page", "user");
            }),
    ];

    private static Task<string> RemoveAsync(Trial t, Func<HybridCache, ValueTask> remove) => t.RemovalAsync(() => remove(t.Cache));

    private static async Task<string> SetAfterAsync(Trial t, Func<HybridCache, ValueTask> remove)
    {
        await t.Cache.SetAsync("k", "before", tags: ["tag"]);
        await remove(t.Cache);
        await t.Cache.SetAsync("k", "after", tags: ["tag"]);
        return await t.PeekAsync("k") == "after" ? "cached" : "not cached";
    }

    /// <summary>The load reads its value, then the change happens, then the load ends.</summary>
    private static async Task<string> DuringLoadAsync(Trial t, Func<HybridCache, ValueTask> change)
    {
        var load = new GatedLoad<string>("old");
        var read = t.Cache.GetOrCreateAsync("k", load.RunAsync, tags: ["tag"]).AsTask();
        await load.BegunAsync();
        await change(t.Cache);
        load.Release();
        await read;
        return $"the next read returns {await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("new"), tags: ["tag"])}";
    }

    private static async Task<string> ReadAfterAsync(Trial t, Func<HybridCache, ValueTask> change)
    {
        var load = new GatedLoad<string>("old");
        var older = t.Cache.GetOrCreateAsync("k", load.RunAsync, tags: ["tag"]).AsTask();
        await load.BegunAsync();
        await change(t.Cache);
        var read = t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("new"), tags: ["tag"]).AsTask();
        load.Release();
        await older;
        return $"returns {await read}";
    }

    private static async Task<string> InsideAsync(Trial t, Func<HybridCache, ValueTask> change)
    {
        var read = await t.Cache.GetOrCreateAsync(
            "k",
            async _ =>
            {
                await change(t.Cache);
                return "loaded";
            },
            tags: ["tag"]);
        return $"returns {read}; {await t.PeekAsync("k") ?? "nothing"} is cached";
    }
}
