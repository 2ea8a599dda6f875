using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>How the flags of a record stand in it: words with a space between.</summary>
internal static class RecordFlagWords
{
    public static ReadOnlySpan<byte> Of(RecordFlags flags) => flags switch
    {
        RecordFlags.Lazy => "lazy"u8,
        RecordFlags.ServeStaleOnce => "once"u8,
        _ => "lazy once"u8,
    };

    /// <summary>False if a word is none that is known here: the record asks for something that this node cannot do.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out RecordFlags flags)
    {
        flags = RecordFlags.None;
        foreach (var range in text.Split((byte)' '))
        {
            var word = text[range];
            if (word.SequenceEqual("lazy"u8))
            {
                flags |= RecordFlags.Lazy;
            }
            else if (word.SequenceEqual("once"u8))
            {
                flags |= RecordFlags.ServeStaleOnce;
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
