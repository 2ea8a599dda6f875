using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>Formats and parses the flags of a record: words separated by spaces.</summary>
internal static class RecordFlagFormat
{
    public static string Format(RecordFlags flags) => Words[(int)flags];

    private static readonly string[] Words = ["", "lazy", "once", "lazy once", "direct", "lazy direct", "once direct", "lazy once direct"];

    /// <summary>Reads flags. Returns false for an unknown word, because the record then requires something this node cannot do.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out RecordFlags flags)
    {
        flags = RecordFlags.None;
        foreach (var range in text.Split((byte)' '))
        {
            var word = text[range];
            var flag = word.SequenceEqual("lazy"u8) ? RecordFlags.Lazy
                : word.SequenceEqual("once"u8) ? RecordFlags.ServeStaleOnce
                : word.SequenceEqual("direct"u8) ? RecordFlags.DirectDependents
                : RecordFlags.None;
            if (flag == RecordFlags.None)
                return false;

            flags |= flag;
        }

        return true;
    }
}
