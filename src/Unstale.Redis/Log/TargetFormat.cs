using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>Reads one target from its kind and text, as written by <see cref="RecordFormat"/>.</summary>
internal static class TargetFormat
{
    /// <summary>Reads a target. Returns false for an unknown kind, and for a text that is invalid for the kind or too long.</summary>
    public static bool TryRead(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> text, out InvalidationTarget target)
    {
        target = default;
        if (text.Length > Longest(kind) || !Utf8.IsValid(text))
            return false;

        try
        {
            if (kind.SequenceEqual("key"u8))
            {
                target = InvalidationTarget.ForKey(Encoding.UTF8.GetString(text));
            }
            else if (kind.SequenceEqual("tag"u8))
            {
                target = InvalidationTarget.ForTag(Encoding.UTF8.GetString(text));
            }
            else if (kind.SequenceEqual("glob"u8))
            {
                target = InvalidationTarget.ForPattern(new GlobPattern(Encoding.UTF8.GetString(text)));
            }
            else if (kind.SequenceEqual("regex"u8))
            {
                target = InvalidationTarget.ForRecordedRegex(Encoding.UTF8.GetString(text));
            }
            else if (kind.SequenceEqual("allof"u8))
            {
                target = InvalidationTarget.ForAllOf(Tags(text));
            }
            else if (kind.SequenceEqual("row"u8))
            {
                target = InvalidationTarget.ForRecordedRow(Encoding.UTF8.GetString(text));
            }
            else if (kind.SequenceEqual("everything"u8))
            {
                target = InvalidationTarget.Everything;
            }
            else
            {
                return false;
            }

            return true;
        }
        catch (Exception refused) when (refused is ArgumentException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static int Longest(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("glob"u8) || kind.SequenceEqual("regex"u8) ? RecordLimits.PatternBytes
        : kind.SequenceEqual("allof"u8) ? RecordLimits.SelectorBytes
        : RecordLimits.Bytes;

    /// <summary>Reads a JSON array that contains only strings.</summary>
    private static List<string> Tags(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var tags = new List<string>();
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // Throws for a value other than a string and for an unpaired surrogate.
            tags.Add(reader.GetString() ?? throw new JsonException());
        }

        reader.Read();
        return tags;
    }
}
