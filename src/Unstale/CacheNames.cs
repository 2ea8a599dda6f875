using System.Text;
using Unstale.Log;

namespace Unstale;

/// <summary>Checks keys and tags: what is empty or too long is refused before anything happens.</summary>
internal static class CacheNames
{
    /// <summary>A tag travels with each value that carries it, behind two bytes for its length.</summary>
    private const int MaximumTagBytes = ushort.MaxValue;

    public static void CheckKey(string? key, int maximum)
    {
        if (KeyRefusal(key, maximum) is { } refusal)
            throw refusal;
    }

    public static void CheckTag(string? tag, int maximum)
    {
        if (TagRefusal(tag, maximum) is { } refusal)
            throw refusal;
    }

    /// <summary>An invalidation may name <c>*</c>, an entry may not carry it.</summary>
    public static void CheckEntryTag(string? tag, int maximum)
    {
        CheckTag(tag, maximum);
        if (tag == "*")
            throw Errors.EverythingAsTag();
    }

    /// <summary>The exception that refuses the key; null if it is accepted.</summary>
    public static ArgumentException? KeyRefusal(string? key, int maximum)
    {
        if (string.IsNullOrEmpty(key))
            return Errors.EmptyName("key");
        if (key.Length > maximum)
            return Errors.KeyTooLong(key.Length, maximum);
        return HalfPairIn(key) is var at and >= 0 ? Errors.HalfPair("key", at) : null;
    }

    /// <summary>The exception that refuses the tag; null if it is accepted.</summary>
    public static ArgumentException? TagRefusal(string? tag, int maximum)
    {
        if (string.IsNullOrEmpty(tag))
            return Errors.EmptyName("tag");
        if (tag.Length > maximum)
            return Errors.TagTooLong(tag, maximum);
        if (tag.Length > MaximumTagBytes / 3 && Encoding.UTF8.GetByteCount(tag) is var bytes and > MaximumTagBytes)
            return Errors.TagTooLarge(tag, bytes, MaximumTagBytes);
        if (KeyMark.Is(tag))
            return Errors.TagLikeMark();
        return HalfPairIn(tag) is var at and >= 0 ? Errors.HalfPair("tag", at) : null;
    }

    /// <summary>Copies the distinct tags of an entry, checked, in the order given. The caller may change its collection afterwards.</summary>
    public static string[] Tags(IEnumerable<string>? tags, int maximum)
    {
        if (tags is null)
            return [];
        string[] distinct = [.. tags];
        if (!AreDistinct(distinct))
            distinct = [.. distinct.Distinct(StringComparer.Ordinal)];
        foreach (var tag in distinct)
            CheckEntryTag(tag, maximum);
        return distinct;
    }

    /// <summary>
    /// Where half of a surrogate pair stands alone, -1 if nowhere. Outside the process text is UTF-8, which has no such thing: two
    /// names that differ in it alone would become one.
    /// </summary>
    public static int HalfPairIn(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (at >= 0)
        {
            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
                return at;
            var next = text[(at + 2)..].IndexOfAnyInRange('\uD800', '\uDFFF');
            at = next < 0 ? -1 : at + 2 + next;
        }

        return -1;
    }

    /// <summary>Compares a few tags with one another, which costs less than a set of them; more are left to the set.</summary>
    public static bool AreDistinct(string[] tags)
    {
        if (tags.Length > 8)
            return false;
        for (var i = 1; i < tags.Length; i++)
        {
            if (Array.IndexOf(tags, tags[i], 0, i) >= 0)
                return false;
        }

        return true;
    }
}
