using System.Text;
using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>Cache of record origins, because most records have one of a few. If two origins share a slot, the later one replaces the earlier one.</summary>
internal static class OriginCache
{
    private const int Places = 64;

    private static readonly (byte[] Text, RecordOrigin Origin)?[] Known = new (byte[], RecordOrigin)?[Places];
    private static readonly Lock Gate = new();

    /// <param name="text">Node, space and service, in UTF-8.</param>
    public static RecordOrigin? Parse(ReadOnlySpan<byte> text)
    {
        var hash = default(HashCode);
        hash.AddBytes(text);
        var place = (int)((uint)hash.ToHashCode() % Places);
        lock (Gate)
        {
            if (Known[place] is var (known, origin) && text.SequenceEqual(known))
                return origin;
        }

        var space = text.IndexOf((byte)' ');
        if (space < 0)
            return null;

        var read = new RecordOrigin(Encoding.UTF8.GetString(text[..space]), Encoding.UTF8.GetString(text[(space + 1)..]));
        if (text.Length <= RecordLimits.KeptOrigin)
        {
            lock (Gate)
                Known[place] = (text.ToArray(), read);
        }

        return read;
    }
}
