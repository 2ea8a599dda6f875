using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>How the flags of a record stand in it: words with a space between.</summary>
internal static class RecordFlagWords
{
    public static string Of(RecordFlags flags) => Words[(int)flags];

    private static readonly string[] Words = ["", "lazy", "once", "lazy once", "direct", "lazy direct", "once direct", "lazy once direct"];

    /// <summary>False if a word is none that is known here: the record asks for something that this node cannot do.</summary>
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
            {
                return false;
            }

            flags |= flag;
        }

        return true;
    }
}
