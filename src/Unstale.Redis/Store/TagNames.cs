using System.Text;
using System.Text.Unicode;

namespace Unstale.Redis.Store;

/// <summary>The tags that values were last read with, so that one that most of them carry is one string. Of two on one place the later stays.</summary>
internal sealed class TagNames
{
    private const int Places = 512;
    private const int LongestList = 1024;

    private readonly string?[] _known = new string?[Places];

    /// <summary>The same of whole lists, which many values of one kind share. Never changed.</summary>
    private readonly string[]?[] _lists = new string[Places][];

    /// <summary>The list last put at the place of these bytes, to be compared; null for none.</summary>
    public string[]? ListAt(ReadOnlySpan<byte> tags) => Volatile.Read(ref _lists[Place(tags)]);

    /// <summary>Keeps a list that was read, unless it is long: what is kept is bounded.</summary>
    public void Keep(ReadOnlySpan<byte> tags, string[] list)
    {
        if (tags.Length <= LongestList)
        {
            Volatile.Write(ref _lists[Place(tags)], list);
        }
    }

    /// <summary>Null if it is not text.</summary>
    public string? Of(ReadOnlySpan<byte> tag)
    {
        ref var place = ref _known[Place(tag)];

        // Whatever another thread puts here meanwhile is compared as well.
        if (Volatile.Read(ref place) is { } known && Ascii.Equals(tag, known))
        {
            return known;
        }

        if (!Utf8.IsValid(tag))
        {
            return null;
        }

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
