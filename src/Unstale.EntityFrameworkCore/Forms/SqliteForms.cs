using Microsoft.EntityFrameworkCore.Storage;

namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>
/// Forms of SQLite, which converts a value by the affinity of the column, compares texts by bytes unless the column has another collation, and stores
/// numbers without a decimal type.
/// </summary>
internal static class SqliteForms
{
    /// <summary>Number of digits that SQLite preserves when it converts a text to a number.</summary>
    private const int ExactDigits = 15;

    private static readonly StoredForm Signed = new(static value => value is ulong number ? unchecked((long)number) : value, HasOrder: false);
    private static readonly StoredForm ShortDecimal = new(static value => value is decimal number && DigitsOf(number) <= ExactDigits ? number : null, HasOrder: true);
    private static readonly StoredForm TextDecimal = new(static value => value, HasOrder: true) { IsExact = false }; // 1.0 and 1.00
    private static readonly StoredForm DateTimes = new(static value => value is DateTime time ? StoredForm.Clock(time) : null, HasOrder: true) { IsExact = false, IsExactInOrder = false };

    private static readonly StoredForm Times = new(static value => value, HasOrder: true) { IsExact = false, IsExactInOrder = false };

    private enum Affinity
    {
        Text,
        Numeric,
        Integer,
        Real,
        Blob,
    }

    public static StoredForm? For(Type type, RelationalTypeMapping mapping, string? collation)
    {
        var affinity = AffinityOf(mapping.StoreType);
        if (type == typeof(ulong))
            return affinity is Affinity.Integer or Affinity.Blob ? Signed : null;
        if (StoredForm.IsInteger(type) || type == typeof(bool))
            return affinity switch { Affinity.Text => StoredForm.UnorderedText, Affinity.Real => StoredForm.IntegerAsReal, _ => StoredForm.Unchanged };
        if (type == typeof(double) || type == typeof(float))
            return affinity is Affinity.Text ? null : StoredForm.Unchanged;
        if (type == typeof(decimal))
            return affinity is Affinity.Text or Affinity.Blob ? TextDecimal : ShortDecimal;
        if (type == typeof(string) || type == typeof(char))
            return affinity is Affinity.Text or Affinity.Blob ? Text(collation) : null;
        if (type == typeof(DateTime))
            return DateTimes;
        if (type == typeof(DateOnly) || type == typeof(TimeOnly))
            return Times;
        if (type == typeof(byte[]))
            return StoredForm.Unordered;
        return type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(Guid) ? StoredForm.UnorderedText : null;
    }

    private static StoredForm? Text(string? collation) => collation?.ToUpperInvariant() switch
    {
        null or "BINARY" => Of(static text => text),
        "NOCASE" => Of(FoldAscii),
        "RTRIM" => Of(static text => text.TrimEnd(' ')),
        _ => null,
    };

    /// <summary>Returns the form of texts without U+0000, behind which NOCASE compares lengths alone.</summary>
    private static StoredForm Of(Func<string, string> fold) =>
        new(value => value.ToString() is { } text && !text.Contains('\0', StringComparison.Ordinal) ? fold(text) : null, HasOrder: false);

    private static string FoldAscii(string text) => string.Create(text.Length, text, static (folded, source) =>
    {
        for (var i = 0; i < folded.Length; i++)
            folded[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
    });

    /// <summary>Determines the affinity by the rules of SQLite, in their order.</summary>
    private static Affinity AffinityOf(string storeType) => storeType.ToUpperInvariant() switch
    {
        var name when Has(name, "INT") => Affinity.Integer,
        var name when Has(name, "CHAR") || Has(name, "CLOB") || Has(name, "TEXT") => Affinity.Text,
        var name when name.Length == 0 || Has(name, "BLOB") => Affinity.Blob,
        var name when Has(name, "REAL") || Has(name, "FLOA") || Has(name, "DOUB") => Affinity.Real,
        _ => Affinity.Numeric,
    };

    private static bool Has(string name, string part) => name.Contains(part, StringComparison.Ordinal);

    /// <summary>Returns the number of significant digits, at most one too many.</summary>
    private static int DigitsOf(decimal number)
    {
        var scale = StoredForm.ScaleOf(number);
        var whole = decimal.Truncate(Math.Abs(number));
        return scale + (whole == 0 ? 0 : (int)Math.Floor(Math.Log10((double)whole)) + 1);
    }
}
