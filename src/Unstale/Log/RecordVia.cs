using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Unstale.Values;

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

    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\|\n\r");

    /// <summary>Returns the text; null if there is nothing to record, or too much for a record.</summary>
    public static string? Format(ReadOnlySpan<InvalidationItem> items)
    {
        if (IsPlain(items))
            return null;
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        for (var i = 0; i < items.Length && text.Text.Length <= MostBytes;)
        {
            var (rule, chain) = (items[i].Cause?.Rule, items[i].Chain);
            var start = i;
            while (i < items.Length && items[i].Cause?.Rule == rule && items[i].Chain == chain)
                i++;
            text.AppendLiteral(start == 0 ? "" : "\n");
            text.AppendFormatted(i - start);
            text.AppendLiteral("|");
            Write(ref text, rule);
            text.AppendLiteral("|");
            Write(ref text, chain);
        }

        var via = text.ToStringAndClear();
        if (CacheNames.HalfPairIn(via) >= 0)
            via = string.Concat(via.EnumerateRunes());
        return via.Length > MostBytes || Encoding.UTF8.GetByteCount(via) > MostBytes ? null : via;
    }

    /// <summary>Returns the origin of a target; empty if the text has none, or has another number of targets.</summary>
    public static TargetOrigin Parse(InvalidationRecord record, int target)
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

    private static bool IsPlain(ReadOnlySpan<InvalidationItem> items)
    {
        foreach (ref readonly var item in items)
        {
            if (item.Cause?.Rule is not null || item.Chain is not null)
                return false;
        }

        return true;
    }

    private static void Write(ref DefaultInterpolatedStringHandler text, string? name)
    {
        var rest = name.AsSpan();
        while (rest.IndexOfAny(Escaped) is var at and >= 0)
        {
            text.AppendFormatted(rest[..at]);
            text.AppendLiteral(rest[at] switch { '\\' => @"\\", '|' => @"\|", '\n' => @"\n", _ => @"\r" });
            rest = rest[(at + 1)..];
        }

        text.AppendFormatted(rest);
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
