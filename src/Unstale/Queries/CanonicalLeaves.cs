using System.Globalization;
using System.Numerics;
using System.Text;

namespace Unstale.Queries;

/// <summary>Writes values without nested values. Equal values have the same text in every culture.</summary>
internal static class CanonicalLeaves
{
    // Division by a one of the largest scale removes trailing zeros.
    private const decimal One = 1.0000000000000000000000000000m;

    public static bool TryWrite(StringBuilder text, object value)
    {
        switch (value)
        {
            case bool flag:
                text.Append(flag ? "true" : "false");
                return true;
            case sbyte or byte or short or ushort or int or uint or long or ulong or Int128 or UInt128 or BigInteger or nint or nuint:
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                return true;
            case decimal number:
                text.Append((number / One).ToString(CultureInfo.InvariantCulture));
                return true;
            case double or float or Half:
                WriteFloat(text, (IFormattable)value);
                return true;
            default:
                if (TextOf(value) is not { } plain)
                    return false;
                WriteString(text, plain);
                return true;
        }
    }

    /// <summary>Writes a JSON string. Also escapes unpaired surrogates, because UTF-8 encoding would make all of them equal.</summary>
    public static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
                text.Append(c).Append(value[++i]);
            else if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c < ' ' || char.IsSurrogate(c))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }

        text.Append('"');
    }

    private static void WriteFloat(StringBuilder text, IFormattable value)
    {
        var written = value.ToString("R", CultureInfo.InvariantCulture);
        if (written is "-0")
            text.Append('0');
        else if (char.IsAsciiDigit(written[^1]))
            text.Append(written);
        else
            WriteString(text, written); // NaN and infinities are not JSON numbers
    }

    private static string? TextOf(object value) => value switch
    {
        string s => s,
        char c => c.ToString(),
        Enum e => e.ToString(),
        Guid g => g.ToString("D"),
        DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        TimeSpan t => t.ToString("c", CultureInfo.InvariantCulture),
        byte[] b => Convert.ToBase64String(b),
        Uri u => u.OriginalString,
        Version v => v.ToString(),
        CultureInfo c => c.Name,
        _ => null,
    };
}
