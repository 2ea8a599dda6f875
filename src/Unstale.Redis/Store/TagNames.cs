using System.Text;
using System.Text.Unicode;

namespace Unstale.Redis.Store;

/// <summary>The tags that values were last read with, so that one that most of them carry is one string. Of two on one place the later stays.</summary>
internal sealed class TagNames
{
    private const int Places = 512;

    private readonly string?[] _known = new string?[Places];

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
