using System.Globalization;
using System.Text;

namespace Unstale.Log;

/// <summary>
/// Writes and reads <see cref="InvalidationRecord.Via"/>: a line for each run of targets with the same origin, in the order of the targets.
/// <code>
/// count | rule | chain      rule and chain are empty if there is none; \ | and line breaks in names are escaped as \\ \| \n \r
/// </code>
/// </summary>
internal static class RecordVia
{
    private const int MostBytes = 2_048;

    /// <summary>Returns the text; null if there is nothing to record, or too much for a record.</summary>
    public static string? Of(ReadOnlySpan<TargetOrigin> origins)
    {
        var text = new StringBuilder();
        var isPlain = true;
        for (var i = 0; i < origins.Length && text.Length <= MostBytes;)
        {
            var origin = origins[i];
            var start = i;
            while (i < origins.Length && origins[i] == origin)
                i++;
            isPlain &= origin == default;
            text.Append(text.Length > 0 ? "\n" : "").Append(CultureInfo.InvariantCulture, $"{i - start}|");
            Write(text, origin.Rule);
            text.Append('|');
            Write(text, origin.Chain);
        }

        if (isPlain || text.Length > MostBytes)
            return null;
        var via = text.ToString();
        if (CacheNames.HalfPairIn(via) >= 0)
            via = string.Concat(via.EnumerateRunes());
        return Encoding.UTF8.GetByteCount(via) > MostBytes ? null : via;
    }

    /// <summary>Returns the origin of a target; empty if the text has none, or has another number of targets.</summary>
    public static TargetOrigin Read(InvalidationRecord record, int target)
    {
        var text = record.Via.AsSpan();
        var origin = default(TargetOrigin);
        var before = 0L;
        foreach (var range in text.Split('\n'))
        {
            var line = text[range];
            var bar = line.IndexOf('|');
            if (bar < 0 || !int.TryParse(line[..bar], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return default;
            if (before <= target && target < before + count)
                origin = new(Name(line[(bar + 1)..], out var rest), Name(rest, out _));
            before += count;
        }

        return before == record.Targets.Length ? origin : default;
    }

    private static void Write(StringBuilder text, string? name)
    {
        foreach (var c in name ?? "")
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '|' => text.Append(@"\|"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                _ => text.Append(c),
            };
        }
    }

    /// <summary>Returns the name at the beginning of the text, and the rest of the text after the bar.</summary>
    private static string? Name(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        var name = new StringBuilder();
        var at = 0;
        for (; at < text.Length && text[at] != '|'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                name.Append(text[++at] switch { 'n' => '\n', 'r' => '\r', var c => c });
            else
                name.Append(text[at]);
        }

        rest = at < text.Length ? text[(at + 1)..] : [];
        return name.Length == 0 ? null : name.ToString();
    }
}
