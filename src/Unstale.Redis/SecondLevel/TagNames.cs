using System.Text;
using System.Text.Unicode;

namespace Unstale.Redis.SecondLevel;

/// <summary>Tags of recently read values, so that a common tag is one string. If two tags share a slot, the later one replaces the earlier one.</summary>
internal sealed class TagNames
{
    private const int Places = 512;
    private const int LongestList = 1024;

    private readonly string?[] _known = new string?[Places];

    /// <summary>Same for whole lists of tags, which many values of one kind share. A list is never modified.</summary>
    private readonly string[]?[] _lists = new string[Places][];

    /// <summary>Returns the latest list in the slot of the bytes, for the caller to compare; null if there is none.</summary>
    public string[]? ListAt(ReadOnlySpan<byte> tags) => Volatile.Read(ref _lists[Place(tags)]);

    /// <summary>Stores a list unless it is long, so that memory is bounded.</summary>
    public void Add(ReadOnlySpan<byte> tags, string[] list)
    {
        if (tags.Length <= LongestList)
            Volatile.Write(ref _lists[Place(tags)], list);
    }

    /// <summary>Returns a tag as a string; null if the bytes are not valid UTF-8.</summary>
    public string? GetOrAdd(ReadOnlySpan<byte> tag)
    {
        ref var place = ref _known[Place(tag)];

        // A string stored concurrently by another thread is compared as well.
        if (Volatile.Read(ref place) is { } known && Ascii.Equals(tag, known))
            return known;

        if (!Utf8.IsValid(tag))
            return null;

        var name = Encoding.UTF8.GetString(tag);
        Volatile.Write(ref place, name);
        return name;
    }

    private static int Place(ReadOnlySpan<byte> tag)
    {
        var hash = default(HashCode);
        hash.AddBytes(tag);
        return (int)((uint)hash.ToHashCode() % Places);
    }
}
