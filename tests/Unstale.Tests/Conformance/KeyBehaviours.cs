using Microsoft.Extensions.Caching.Hybrid;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Names that a key may have, and names that are the same key.</summary>
internal static class KeyBehaviours
{
    private const string Opaque = "Unstale allows every text that UTF-8 can represent; Microsoft's implementation reserves white space and control characters.";
    private const string HalfPair = "UTF-8 cannot represent an unpaired surrogate, so two keys would be equal in the log and in the second level.";
    private const string Skipped = "Unstale skips a key that no entry can have.";

    private const string Half = "k\ud800";

    private static readonly string Longest = new('k', 1024);
    private static readonly string TooLong = new('k', 1025);

    public static Behaviour[] All { get; } =
    [
        Same("A read with the key null", "loads each time", static t => t.ReadTwiceAsync(null!)),
        Same("A read with an empty key", "loads each time", static t => t.ReadTwiceAsync("")),
        Differs("A read with a key of white space", "loads each time", "cached", Opaque,
            static t => t.ReadTwiceAsync("  ")),
        Same("A read with a key of 1,024 characters", "cached", static t => t.ReadTwiceAsync(Longest)),
        Same("A read with a key of 1,025 characters", "loads each time", static t => t.ReadTwiceAsync(TooLong)),
        Differs("A read with a line break in the key", "loads each time", "cached", Opaque,
            static t => t.ReadTwiceAsync("k\n1")),
        Differs("A read with a zero character in the key", "loads each time", "cached", Opaque,
            static t => t.ReadTwiceAsync("k\0")),
        Same("A read with the character DEL in the key", "cached", static t => t.ReadTwiceAsync("k\u007f")),
        Differs("A read with an unpaired surrogate in the key", "cached", "loads each time", HalfPair,
            static t => t.ReadTwiceAsync(Half)),
        Same("A read with letters beyond ASCII in the key", "cached", static t => t.ReadTwiceAsync("ключ:😀")),
        Same("A read with the key *", "cached", static t => t.ReadTwiceAsync("*")),
        Same("A read with a key of 1,025 characters that may not load", "no value", static async t => await t.PeekAsync(TooLong) ?? "no value"),

        Same("SetAsync with the key null", "not cached", static t => t.SetThenReadAsync(null!)),
        Same("SetAsync with an empty key", "not cached", static t => t.SetThenReadAsync("")),
        Differs("SetAsync with a key of white space", "not cached", "cached", Opaque,
            static t => t.SetThenReadAsync("  ")),
        Same("SetAsync with a key of 1,024 characters", "cached", static t => t.SetThenReadAsync(Longest)),
        Same("SetAsync with a key of 1,025 characters", "not cached", static t => t.SetThenReadAsync(TooLong)),
        Differs("SetAsync with a line break in the key", "not cached", "cached", Opaque,
            static t => t.SetThenReadAsync("k\n1")),
        Differs("SetAsync with a zero character in the key", "not cached", "cached", Opaque,
            static t => t.SetThenReadAsync("k\0")),
        Differs("SetAsync with an unpaired surrogate in the key", "cached", "not cached", HalfPair,
            static t => t.SetThenReadAsync(Half)),

        Differs("RemoveAsync with the key null", "throws ArgumentNullException", "removes nothing", Skipped,
            static t => RemoveAsync(t, (string)null!)),
        Same("RemoveAsync with an empty key", "removes nothing", static t => RemoveAsync(t, "")),
        Same("RemoveAsync with a key of white space", "removes nothing", static t => RemoveAsync(t, "  ")),
        Same("RemoveAsync with a key of 1,025 characters", "removes nothing", static t => RemoveAsync(t, TooLong)),
        Same("RemoveAsync with a line break in the key", "removes nothing", static t => RemoveAsync(t, "k\n1")),
        Same("RemoveAsync with a zero character in the key", "removes nothing", static t => RemoveAsync(t, "k\0")),
        Same("RemoveAsync with an unpaired surrogate in the key", "removes nothing", static t => RemoveAsync(t, Half)),

        Differs("RemoveAsync with the keys a, null and b", "throws ArgumentNullException, removes a", "removes a and b", Skipped,
            static t => RemoveAsync(t, ["a", null!, "b"])),
        Same("RemoveAsync with the keys a, an empty key and b", "removes a and b", static t => RemoveAsync(t, ["a", "", "b"])),
        Same("RemoveAsync with the keys a, a key of white space and b", "removes a and b", static t => RemoveAsync(t, ["a", "  ", "b"])),
        Same("RemoveAsync with the keys a, a key of 1,025 characters and b", "removes a and b", static t => RemoveAsync(t, ["a", TooLong, "b"])),
        Same("RemoveAsync with the keys a, a key with a line break and b", "removes a and b", static t => RemoveAsync(t, ["a", "k\n1", "b"])),
        Same("RemoveAsync with the keys a, a key with an unpaired surrogate and b", "removes a and b", static t => RemoveAsync(t, ["a", Half, "b"])),
        Same("RemoveAsync with the collection null", "removes nothing", static t => RemoveAsync(t, (IEnumerable<string>)null!)),
        Same("RemoveAsync with an empty collection", "removes nothing", static t => RemoveAsync(t, [])),
        Same("RemoveAsync with the keys a and a", "removes a", static t => RemoveAsync(t, ["a", "a"])),
        Same("RemoveAsync with a collection that throws after the key a", "throws InvalidOperationException, removes a", static t => RemoveAsync(t, Broken())),

        Same("Two keys that differ in case", "two entries", static t => DistinctAsync(t, "key", "Key")),
        Same("Two keys that differ in a trailing space", "two entries", static t => DistinctAsync(t, "key", "key ")),
        Same("Two keys that differ in Unicode normalization", "two entries", static t => DistinctAsync(t, "caf\u00e9", "cafe\u0301")),
        Same("A key as string, span and interpolated string", "one entry", KindsAsync),
        Same("RemoveAsync with the key *", "a is cached", static async t =>
        {
            await t.Cache.SetAsync("*", "set");
            await t.Cache.SetAsync("a", "set");
            await t.Cache.RemoveAsync("*");
            return await t.CachedAsync("*", "a");
        }),
        Same("A key with the name of a removed tag", "name is cached", static async t =>
        {
            await t.Cache.SetAsync("name", "set", tags: ["other"]);
            await t.Cache.RemoveByTagAsync("name");
            return await t.CachedAsync("name");
        }),
        Same("A tag with the name of a removed key", "a is cached", static async t =>
        {
            await t.Cache.SetAsync("a", "set", tags: ["name"]);
            await t.Cache.RemoveAsync("name");
            return await t.CachedAsync("a");
        }),
    ];

    private static Task<string> RemoveAsync(Trial t, string key) => t.RemovalAsync(() => t.Cache.RemoveAsync(key));

    private static Task<string> RemoveAsync(Trial t, IEnumerable<string> keys) => t.RemovalAsync(() => t.Cache.RemoveAsync(keys));

    private static IEnumerable<string> Broken()
    {
        yield return "a";
        throw new InvalidOperationException();
    }

    private static async Task<string> DistinctAsync(Trial t, string one, string other)
    {
        await t.Cache.SetAsync(one, "one");
        return await t.ReadAsync(other) == "one" ? "one entry" : "two entries";
    }

    private static async Task<string> KindsAsync(Trial t)
    {
        var id = 7;
        var values = new HashSet<string>
        {
            await t.ReadAsync("user:7"),
            await t.Cache.GetOrCreateAsync("user:7".AsSpan(), t.LoadAsync),
            await t.Cache.GetOrCreateAsync($"user:{id}", t.LoadAsync),
            await t.Cache.GetOrCreateAsync("user:7".AsSpan(), t, static (trial, token) => trial.LoadAsync(token)),
            await t.Cache.GetOrCreateAsync($"user:{id}", t, static (trial, token) => trial.LoadAsync(token)),
            await t.Cache.GetOrCreateAsync("user:7", (HybridCacheEntryContext _, CancellationToken token) => t.LoadAsync(token)),
            await t.Cache.GetOrCreateAsync("user:7".AsSpan(), (HybridCacheEntryContext _, CancellationToken token) => t.LoadAsync(token)),
            await t.Cache.GetOrCreateAsync($"user:{id}", (HybridCacheEntryContext _, CancellationToken token) => t.LoadAsync(token)),
        };
        return values.Count == 1 ? "one entry" : $"{values.Count} entries";
    }
}
