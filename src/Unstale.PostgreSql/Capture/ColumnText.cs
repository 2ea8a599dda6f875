using System.Globalization;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Values of columns from the text of the server, in the session settings of <see cref="CaptureConnections"/>. The values have the forms that the same
/// values have as objects of .NET. Values of all other types are unknown.
/// </summary>
internal static class ColumnText
{
    private const uint Bool = 16, Bytea = 17, Int8 = 20, Int2 = 21, Int4 = 23, Text = 25, Oid = 26, Float4 = 700, Float8 = 701, Bpchar = 1042, Varchar = 1043;
    private const uint Date = 1082, Timestamp = 1114, TimestampTz = 1184, Numeric = 1700, Uuid = 2950;

    /// <summary>Returns the value of a text. Returns false if the value is unknown in this form.</summary>
    /// <param name="type">OID of the type of the column.</param>
    /// <param name="text">Text of the value, not null.</param>
    /// <param name="value">Value.</param>
    public static bool TryParse(uint type, string text, out object? value)
    {
        var culture = CultureInfo.InvariantCulture;
        value = type switch
        {
            Bool => text switch { "t" => true, "f" => false, _ => null },
            Int2 or Int4 or Int8 or Oid => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var integer) ? integer : null,
            Numeric => NumberOf(text),
            Text or Varchar => text,
            Bpchar => text.TrimEnd(' '),
            Float4 => RealOf(text) is { } real ? (float)real : null,
            Float8 => RealOf(text),
            Uuid => Guid.TryParse(text, out var guid) ? guid : null,
            Bytea => BytesOf(text),
            Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var date) ? date : null,
            Timestamp => MomentOf(text),
            TimestampTz when text.EndsWith("+00", StringComparison.Ordinal) => MomentOf(text[..^3]),
            _ => null,
        };
        return value is not null;
    }

    /// <summary>A number of more digits than a decimal has is unknown: its form would be rounded.</summary>
    private static decimal? NumberOf(string text)
    {
        var digits = text.AsSpan().TrimStart('-').TrimStart('0');
        return digits.Length - (digits.Contains('.') ? 1 : 0) <= 28 && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }

    private static double? RealOf(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : null,
    };

    private static byte[]? BytesOf(string text)
    {
        if (!text.StartsWith("\\x", StringComparison.Ordinal))
            return null;
        try
        {
            return Convert.FromHexString(text.AsSpan(2));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Infinities, years before Christ and years above 9999 are unknown.</summary>
    private static DateTime? MomentOf(string text) =>
        DateTime.TryParseExact(
            text, ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? DateTime.SpecifyKind(time, DateTimeKind.Utc)
            : null;
}
