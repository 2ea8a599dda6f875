namespace Unstale;

/// <summary>Checks keys and tags: what is empty or too long is refused before anything happens.</summary>
internal static class CacheNames
{
    public static void CheckKey(string? key, int maximum)
    {
        if (string.IsNullOrEmpty(key))
            throw Errors.EmptyName("key");
        if (key.Length > maximum)
            throw Errors.KeyTooLong(key.Length, maximum);
    }

    public static void CheckTag(string? tag, int maximum)
    {
        if (string.IsNullOrEmpty(tag))
            throw Errors.EmptyName("tag");
        if (tag.Length > maximum)
            throw Errors.TagTooLong(tag, maximum);
    }

    /// <summary>An invalidation may name <c>*</c>, an entry may not carry it.</summary>
    public static void CheckEntryTag(string? tag, int maximum)
    {
        CheckTag(tag, maximum);
        if (tag == "*")
            throw Errors.EverythingAsTag();
    }

    /// <summary>The distinct tags of an entry, checked, in the order given.</summary>
    public static string[] Tags(IEnumerable<string>? tags, int maximum)
    {
        if (tags is null)
            return [];
        string[] distinct = tags is string[] few && AreDistinct(few) ? few : [.. tags.Distinct(StringComparer.Ordinal)];
        foreach (var tag in distinct)
            CheckEntryTag(tag, maximum);
        return distinct;
    }

    /// <summary>Compares a few tags with one another, which costs less than a set of them; more are left to the set.</summary>
    private static bool AreDistinct(string[] tags)
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
