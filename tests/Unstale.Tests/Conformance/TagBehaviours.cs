using Microsoft.Extensions.Caching.Hybrid;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Names that a tag may have, and the collections that carry tags.</summary>
internal static class TagBehaviours
{
    private const string Opaque = "Unstale allows every text that UTF-8 can represent, white space included.";
    private const string LengthLimit = "MaximumKeyLength applies to tags too.";
    private const string HalfPair = "UTF-8 cannot represent an unpaired surrogate, so two tags would be equal in the log and in the second level.";
    private const string Reserved = "Unstale records dependencies on keys as tags that begin with a zero character.";
    private const string OldIsRemoved = "The source has changed, so Unstale removes the old value before the exception is thrown.";

    private const string Half = "t\ud800";

    private static readonly string TooLong = new('t', 1025);

    public static Behaviour[] All { get; } =
    [
        Same("A read with the tags null", "cached", static t => t.ReadTwiceAsync("k", tags: null)),
        Same("A read with no tags", "cached", static t => t.ReadTwiceAsync("k", tags: [])),
        Same("A read with a null tag", "throws ArgumentException", static t => t.ReadTwiceAsync("k", tags: [null!])),
        Same("A read with a null tag among others", "throws ArgumentException", static t => t.ReadTwiceAsync("k", tags: ["a", null!, "b"])),
        Same("A read with an empty tag", "throws ArgumentException", static t => t.ReadTwiceAsync("k", tags: [""])),
        Differs("A read with a tag of white space", "throws ArgumentException", "cached", Opaque,
            static t => t.ReadTwiceAsync("k", tags: [" "])),
        Same("A read with the same tag twice", "cached", static t => t.ReadTwiceAsync("k", tags: ["a", "a"])),
        Same("A read with the tag *", "throws ArgumentException", static t => t.ReadTwiceAsync("k", tags: ["*"])),
        Same("A read with the tag *2", "cached", static t => t.ReadTwiceAsync("k", tags: ["*2"])),
        Differs("A read with a tag of 1,025 characters", "cached", "loads each time", LengthLimit,
            static t => t.ReadTwiceAsync("k", tags: [TooLong])),
        Same("A read with a line break in a tag", "cached", static t => t.ReadTwiceAsync("k", tags: ["t\n"])),
        Differs("A read with a tag that begins with a zero character", "cached", "loads each time", Reserved,
            static t => t.ReadTwiceAsync("k", tags: ["\0t"])),
        Differs("A read with an unpaired surrogate in a tag", "cached", "loads each time", HalfPair,
            static t => t.ReadTwiceAsync("k", tags: [Half])),
        Same("A read with 200 tags", "cached", static t => t.ReadTwiceAsync("k", tags: Enumerable.Range(1, 200).Select(static i => $"t{i}"))),
        Same("A read of a cached key with an empty tag", "load 1", static async t =>
        {
            await t.ReadAsync("k");
            return await t.ReadAsync("k", tags: [""]);
        }),
        Same("A read that may not load, with an empty tag", "throws ArgumentException", static async t =>
            await t.Cache.GetOrCreateAsync<string?>("k", static _ => new("loaded"), new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData }, [""]) ?? "no value"),
        Same("A read with an empty key and an empty tag", "loads each time", static t => t.ReadTwiceAsync("", tags: [""])),
        Same("A read with tags that throw when they are listed", "throws InvalidOperationException", static t => t.ReadTwiceAsync("k", tags: Broken())),

        Same("SetAsync with the tags null", "caches the new value", static t => SetAsync(t, null)),
        Same("SetAsync with no tags", "caches the new value", static t => SetAsync(t, [])),
        Differs(
            "SetAsync with a null tag",
            "throws ArgumentException, keeps the old value",
            "throws ArgumentException, removes the old value",
            OldIsRemoved,
            static t => SetAsync(t, [null!])),
        Differs(
            "SetAsync with an empty tag",
            "throws ArgumentException, keeps the old value",
            "throws ArgumentException, removes the old value",
            OldIsRemoved,
            static t => SetAsync(t, [""])),
        Differs("SetAsync with a tag of white space", "throws ArgumentException, keeps the old value", "caches the new value", Opaque,
            static t => SetAsync(t, [" "])),
        Same("SetAsync with the same tag twice", "caches the new value", static t => SetAsync(t, ["a", "a"])),
        Differs("SetAsync with the tag *", "throws ArgumentException, keeps the old value", "throws ArgumentException, removes the old value", OldIsRemoved,
            static t => SetAsync(t, ["*"])),
        Differs("SetAsync with a tag of 1,025 characters", "caches the new value", "removes the old value", "MaximumKeyLength applies to tags too, and the old value is removed because the source has changed.",
            static t => SetAsync(t, [TooLong])),
        Same("SetAsync with a line break in a tag", "caches the new value", static t => SetAsync(t, ["t\n"])),
        Differs("SetAsync with an unpaired surrogate in a tag", "caches the new value", "removes the old value", "UTF-8 cannot represent the tag, and the old value is removed because the source has changed.",
            static t => SetAsync(t, [Half])),

        Same("RemoveByTagAsync with the tag null", "removes nothing", static t => RemoveAsync(t, (string)null!)),
        Same("RemoveByTagAsync with an empty tag", "removes nothing", static t => RemoveAsync(t, "")),
        Same("RemoveByTagAsync with a tag of white space", "removes nothing", static t => RemoveAsync(t, " ")),
        Same("RemoveByTagAsync with a tag of 1,025 characters", "removes nothing", static t => RemoveAsync(t, TooLong)),
        Same("RemoveByTagAsync with a line break in the tag", "removes nothing", static t => RemoveAsync(t, "t\n")),
        Same("RemoveByTagAsync with a tag that begins with a zero character", "removes nothing", static t => RemoveAsync(t, "\0t")),
        Same("RemoveByTagAsync with an unpaired surrogate in the tag", "removes nothing", static t => RemoveAsync(t, Half)),
        Same("RemoveByTagAsync with the tag *", "removes everything", static t => RemoveAsync(t, "*")),
        Same("RemoveByTagAsync with the tag *2", "removes nothing", static t => RemoveAsync(t, "*2")),
        Same("RemoveByTagAsync with a tag that no entry has", "removes nothing", static t => RemoveAsync(t, "unknown")),
        Same("RemoveByTagAsync with the tag a*", "removes nothing", static t => RemoveAsync(t, "a*")),

        Same("RemoveByTagAsync with the collection null", "removes nothing", static t => RemoveAsync(t, (IEnumerable<string>)null!)),
        Same("RemoveByTagAsync with an empty collection", "removes nothing", static t => RemoveAsync(t, [])),
        Same("RemoveByTagAsync with the tags a, null and b", "removes a and b", static t => RemoveAsync(t, ["a", null!, "b"])),
        Same("RemoveByTagAsync with the tags a, an empty tag and b", "removes a and b", static t => RemoveAsync(t, ["a", "", "b"])),
        Same("RemoveByTagAsync with the tags a, a tag of white space and b", "removes a and b", static t => RemoveAsync(t, ["a", " ", "b"])),
        Same("RemoveByTagAsync with the tags a, a tag of 1,025 characters and b", "removes a and b", static t => RemoveAsync(t, ["a", TooLong, "b"])),
        Same("RemoveByTagAsync with the tags a and *", "removes everything", static t => RemoveAsync(t, ["a", "*"])),
        Same("RemoveByTagAsync with the tags a and a", "removes a", static t => RemoveAsync(t, ["a", "a"])),
        Same("RemoveByTagAsync with a collection that throws after the tag a", "throws InvalidOperationException, removes a", static t => RemoveAsync(t, Broken())),

        Same("RemoveByTagAsync with the tag A, where entries have the tag a", "removes nothing", static t => RemoveAsync(t, "A")),
        Same("An array of tags that the caller changes after the call", "nothing is cached", static async t =>
        {
            string[] tags = ["first", "second"];
            await t.Cache.SetAsync("k", "set", tags: tags);
            tags[0] = "third";
            await t.Cache.RemoveByTagAsync("first");
            return await t.CachedAsync("k");
        }),
        Same("A read of a cached key with other tags, then the removal of one of these tags", "k is cached", static async t =>
        {
            await t.ReadAsync("k", tags: ["first"]);
            await t.ReadAsync("k", tags: ["second"]);
            await t.Cache.RemoveByTagAsync("second");
            return await t.CachedAsync("k");
        }),
        Same("A key that is set again with other tags, then the removal of the first tags", "k is cached", static async t =>
        {
            await t.Cache.SetAsync("k", "first", tags: ["first"]);
            await t.Cache.SetAsync("k", "second", tags: ["second"]);
            await t.Cache.RemoveByTagAsync("first");
            return await t.CachedAsync("k");
        }),
        Same("A collection of tags that can be listed only once", "cached; nothing is cached after the removal", static async t =>
        {
            var tags = new Queue<string>(["a", "b"]);
            var outcome = await t.ReadTwiceAsync("k", tags: Enumerable.Range(0, 2).Select(_ => tags.Dequeue()));
            await t.Cache.RemoveByTagAsync("b");
            return $"{outcome}; {await t.CachedAsync("k")} after the removal";
        }),
    ];

    private static Task<string> SetAsync(Trial t, string[]? tags) => t.ReplacementAsync(() => t.Cache.SetAsync("k", "new", tags: tags));

    private static Task<string> RemoveAsync(Trial t, string tag) => t.RemovalAsync(() => t.Cache.RemoveByTagAsync(tag));

    private static Task<string> RemoveAsync(Trial t, IEnumerable<string> tags) => t.RemovalAsync(() => t.Cache.RemoveByTagAsync(tags));

    private static IEnumerable<string> Broken()
    {
        yield return "a";
        throw new InvalidOperationException();
    }
}
