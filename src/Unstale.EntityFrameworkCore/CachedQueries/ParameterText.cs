using System.Collections;
using System.Globalization;
using System.Text;

namespace Unstale.EntityFrameworkCore.CachedQueries;

/// <summary>Text of the values of parameters. Different values have different texts.</summary>
internal static class ParameterText
{
    /// <summary>Appends a text with its length, so that neighbours cannot be confused.</summary>
    public static void Append(StringBuilder text, string? part) =>
        text.Append(CultureInfo.InvariantCulture, $"{part?.Length ?? -1}:").Append(part);

    /// <summary>Appends a value with its type. Returns false for a type without a text of its values.</summary>
    public static bool TryAppend(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                Append(text, part: null);
                return true;
            case string or char or bool or Guid or Enum or TimeSpan or decimal or sbyte or byte or short or ushort or int or uint or long or ulong or float or double:
                return AppendTyped(text, value, string.Create(CultureInfo.InvariantCulture, $"{value}"));
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                return AppendTyped(text, value, ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
            case byte[] bytes:
                return AppendTyped(text, value, Convert.ToHexString(bytes));
            case IEnumerable items:
                return TryAppendItems(text, items);
            default:
                return false;
        }
    }

    private static bool AppendTyped(StringBuilder text, object value, string formatted)
    {
        Append(text, value.GetType().FullName);
        Append(text, formatted);
        return true;
    }

    private static bool TryAppendItems(StringBuilder text, IEnumerable items)
    {
        text.Append('[');
        foreach (var item in items)
        {
            if (!TryAppend(text, item))
                return false;
        }

        text.Append(']');
        return true;
    }
}
