using System.Text;

namespace Unstale.Values;

/// <summary>Checks keys and tags before an operation has any effect. Empty and too long names are refused.</summary>
internal static class CacheNames
{
    /// <summary>Longest key or tag that any cache may allow, in characters.</summary>
    public const int Longest = 65_536;

    /// <summary>Maximum size of a tag in UTF-8, in bytes. Tags are stored with each value, with a two-byte length prefix.</summary>
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

    /// <summary>Checks a tag of an entry. <c>*</c> is valid in an invalidation but not on an entry.</summary>
    public static void CheckEntryTag(string? tag, int maximum)
    {
        CheckTag(tag, maximum);
        if (tag == "*")
            throw Errors.EverythingAsTag();
    }

    /// <summary>Returns the exception for an invalid key; null if the key is valid.</summary>
    public static ArgumentException? KeyRefusal(string? key, int maximum)
    {
        if (string.IsNullOrEmpty(key))
            return Errors.EmptyName("key");
        if (key.Length > maximum)
            return Errors.KeyTooLong(key.Length, maximum);
        return HalfPairIn(key) is var at and >= 0 ? Errors.HalfPair("key", at) : null;
    }

    /// <summary>Returns the exception for an invalid tag; null if the tag is valid.</summary>
    public static ArgumentException? TagRefusal(string? tag, int maximum)
    {
        if (string.IsNullOrEmpty(tag))
            return Errors.EmptyName("tag");
        if (tag.Length > maximum)
            return Errors.TagTooLong(tag, maximum);
        if (tag.Length > MaximumTagBytes / 3 && Encoding.UTF8.GetByteCount(tag) is var bytes and > MaximumTagBytes)
            return Errors.TagTooLarge(tag, bytes, MaximumTagBytes);
        if (DependencyTag.Is(tag))
            return Errors.TagLikeMark();
        return HalfPairIn(tag) is var at and >= 0 ? Errors.HalfPair("tag", at) : null;
    }

    /// <summary>
    /// Returns whether any cache of the log can have a key or a tag of this name. Another node may allow longer names, so the removal of a name that is only too long for
    /// this cache is no mistake.
    /// </summary>
    public static bool CanExist(string? name) => name is { Length: > 0 and <= Longest } && HalfPairIn(name) < 0;

    /// <summary>Returns whether a tag of this length cannot be too long, whatever characters it has.</summary>
    public static bool IsShort(int length, int maximum) => length <= maximum && length <= MaximumTagBytes / 3;

    /// <summary>Returns a checked copy of an entry's tags without duplicates, in the given order. The caller may change its collection afterwards.</summary>
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

    /// <summary>Returns an entry's tags without duplicates, in the given order, in the given room if they fit.</summary>
    /// <param name="tags">Tags of the call. The caller may change its collection afterwards.</param>
    /// <param name="maximum">Maximum length of a tag.</param>
    /// <param name="room">Room for the tags.</param>
    /// <param name="refusal">Exception for a tag that cannot be cached, such as a too long one; null if all tags are valid.</param>
    /// <exception cref="ArgumentException">A tag is empty or <c>*</c>, which no data can cause.</exception>
    public static ReadOnlySpan<string> Tags(IEnumerable<string>? tags, int maximum, Span<string> room, out ArgumentException? refusal)
    {
        var names = Copy(tags, room);
        if (!AreDistinct(names))
            names = names.ToArray().Distinct(StringComparer.Ordinal).ToArray();
        refusal = null;
        foreach (var tag in names)
        {
            if (string.IsNullOrEmpty(tag) || tag == "*")
                CheckEntryTag(tag, maximum);
            refusal ??= TagRefusal(tag, maximum);
        }

        return names;
    }

    private static ReadOnlySpan<string> Copy(IEnumerable<string>? tags, Span<string> room)
    {
        int count;
        switch (tags)
        {
            case null:
                return [];
            case string[] array when array.Length <= room.Length:
                array.CopyTo(room);
                count = array.Length;
                break;
            case List<string> list when list.Count <= room.Length:
                count = list.Count;
                list.CopyTo(room);
                break;
            default:
                return tags.ToArray();
        }

        return room[..count];
    }

    /// <summary>
    /// Returns the index of the first unpaired surrogate; -1 if there is none. Outside the process text is UTF-8, which cannot represent unpaired
    /// surrogates: two names that differ only in one would become equal.
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

    /// <summary>
    /// Returns true if the tags are distinct. Compares up to eight tags pairwise, which is cheaper than a set. Returns false for more: the caller then
    /// uses a set.
    /// </summary>
    public static bool AreDistinct(ReadOnlySpan<string> tags)
    {
        if (tags.Length > NameBuffer.Length)
            return false;
        for (var i = 1; i < tags.Length; i++)
        {
            if (tags[..i].Contains(tags[i]))
                return false;
        }

        return true;
    }
}
