using System.Globalization;

namespace Unstale.Predicates;

/// <summary>
/// Canonical form of the value of a column. Equality is coarser than or equal to the equality of the database, so that a difference here is a difference
/// there. Texts, GUIDs and bytes are keyed hashes of 64 bits: the log contains none of them in clear.
/// </summary>
internal readonly struct ColumnValue : IEquatable<ColumnValue>
{
    /// <summary>More than the relative error of two conversions to a double, each of which rounds up to four times.</summary>
    private const double RoundingError = 1.0 / (1L << 48);

    private readonly decimal _number;
    private readonly long _bits;

    /// <summary>Fingerprint of the key of a hash. Hashes under different keys cannot be compared.</summary>
    private readonly ushort _key;

    private ColumnValue(ColumnValueKind kind, decimal number = 0, long bits = 0, ushort key = 0)
    {
        Kind = kind;
        _number = number;
        _bits = bits;
        _key = key;
    }

    public static ColumnValue Null => default;

    public ColumnValueKind Kind { get; }

    public bool IsNull => Kind == ColumnValueKind.Null;

    /// <summary>Whether the values of this kind have an order.</summary>
    public bool IsOrdered => Kind is ColumnValueKind.Number or ColumnValueKind.Real or ColumnValueKind.Moment;

    public static ColumnValue OfNumber(decimal value) => new(ColumnValueKind.Number, HasTrailingZeros(value) ? value / 1.0000000000000000000000000000m : value); // removes them

    public static ColumnValue OfReal(double value) =>
        new(ColumnValueKind.Real, bits: BitConverter.DoubleToInt64Bits(value == 0 ? 0.0 : double.IsNaN(value) ? double.NaN : value));

    public static ColumnValue OfMoment(long microseconds) => new(ColumnValueKind.Moment, bits: microseconds);

    public static ColumnValue OfHash(ColumnValueKind kind, ulong hash, ushort key) => new(kind, bits: (long)hash, key: key);

    /// <summary>Returns whether the values can be compared. Null can be compared with every value.</summary>
    public bool IsComparable(in ColumnValue other) => IsNull || other.IsNull || (Kind == other.Kind && _key == other._key);

    /// <summary>Number that is equal for all values that can be compared with each other, null aside.</summary>
    public int ComparableClass => ((int)Kind << 16) | _key;

    /// <summary>Compares two ordered values of the same kind.</summary>
    public static int Compare(in ColumnValue one, in ColumnValue other) => one.Kind switch
    {
        ColumnValueKind.Number => one._number.CompareTo(other._number),
        ColumnValueKind.Real => CompareReals(BitConverter.Int64BitsToDouble(one._bits), BitConverter.Int64BitsToDouble(other._bits)),
        _ => one._bits.CompareTo(other._bits),
    };

    /// <summary>The ordered value as a double, with a rounding error. NaN, which sorts above all numbers, is infinite.</summary>
    public double Rounded => Kind switch
    {
        ColumnValueKind.Number => (double)_number,
        ColumnValueKind.Real when BitConverter.Int64BitsToDouble(_bits) is var real => double.IsNaN(real) ? double.PositiveInfinity : real,
        _ => _bits,
    };

    /// <summary>Double that is not above <see cref="Rounded"/> of any value from this one on.</summary>
    public double RoundedDown => Rounded is var near && double.IsFinite(near) ? near - (Math.Abs(near) * RoundingError) : near;

    /// <summary>Double that is not below <see cref="Rounded"/> of any value up to this one.</summary>
    public double RoundedUp => Rounded is var near && double.IsFinite(near) ? near + (Math.Abs(near) * RoundingError) : near;

    /// <summary>Computes with two integers. Returns false for other values, and for a result beyond 32 bits, with which databases differ.</summary>
    public static bool TryCompute(char sign, in ColumnValue one, in ColumnValue other, out ColumnValue result)
    {
        result = default;
        var (a, b) = (one._number, other._number);
        if (!IsShortInteger(one) || !IsShortInteger(other) || (sign == '%' && b == 0))
            return false;
        result = OfNumber(sign switch { '+' => a + b, '-' => a - b, '*' => a * b, _ => a % b });
        return IsShortInteger(result);
    }

    public bool Equals(ColumnValue other) => Kind == other.Kind && _bits == other._bits && _number == other._number && _key == other._key;

    public override bool Equals(object? obj) => obj is ColumnValue other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Kind, _bits, _number);

    /// <summary>Returns the value as written in the log, see <see cref="RowText"/>.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[64];
        TryFormat(text, out var length);
        return text[..length].ToString();
    }

    public bool TryFormat(Span<char> text, out int length)
    {
        var culture = CultureInfo.InvariantCulture;
        return Kind switch
        {
            ColumnValueKind.Null => text.TryWrite(culture, $"null", out length),
            ColumnValueKind.Number => text.TryWrite(culture, $"{_number}", out length),
            ColumnValueKind.Real => text.TryWrite(culture, $"~{BitConverter.Int64BitsToDouble(_bits):R}", out length),
            ColumnValueKind.Moment => text.TryWrite(culture, $"@{_bits}", out length),
            _ when _key != 0 => text.TryWrite(culture, $"{Letter}{_bits:x16}.{_key:x4}", out length),
            _ => text.TryWrite(culture, $"{Letter}{_bits:x16}", out length),
        };
    }

    /// <summary>Reads a value as written in the log. Returns false for any other text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ColumnValue value)
    {
        value = default;
        if (text.IsEmpty)
            return false;
        var culture = CultureInfo.InvariantCulture;
        switch (text[0])
        {
            case 'n':
                return text is "null";
            case '~' when double.TryParse(text[1..], NumberStyles.Float, culture, out var real):
                value = OfReal(real);
                return true;
            case '@' when long.TryParse(text[1..], NumberStyles.AllowLeadingSign, culture, out var moment):
                value = OfMoment(moment);
                return true;
            case 't' or 'g' or 'b':
                return TryParseHash(text, out value);
            default:
                if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, culture, out var number))
                    return false;
                value = OfNumber(number);
                return true;
        }
    }

    /// <summary>Returns whether a number may have zeros at the end of its fraction. A division, which would remove them, costs more than the rest of a value.</summary>
    private static bool HasTrailingZeros(decimal value)
    {
        if (value.Scale == 0)
            return false;
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        return bits[2] != 0 || (((ulong)(uint)bits[1] << 32) | (uint)bits[0]) % 10 == 0;
    }

    private static bool TryParseHash(ReadOnlySpan<char> text, out ColumnValue value)
    {
        value = default;
        var culture = CultureInfo.InvariantCulture;
        ushort key = 0;
        if (text.Length is not (17 or 22) || !ulong.TryParse(text.Slice(1, 16), NumberStyles.AllowHexSpecifier, culture, out var hash))
            return false;
        if (text.Length == 22 && (text[17] != '.' || !ushort.TryParse(text[18..], NumberStyles.AllowHexSpecifier, culture, out key)))
            return false;
        value = OfHash(text[0] switch { 't' => ColumnValueKind.Text, 'g' => ColumnValueKind.Guid, _ => ColumnValueKind.Binary }, hash, key);
        return true;
    }

    private char Letter => Kind switch { ColumnValueKind.Text => 't', ColumnValueKind.Guid => 'g', _ => 'b' };

    private static bool IsShortInteger(in ColumnValue value) => value is { Kind: ColumnValueKind.Number, _number: { Scale: 0 } and >= int.MinValue and <= int.MaxValue };

    /// <summary>NaN sorts above all numbers, as in PostgreSQL.</summary>
    private static int CompareReals(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : a.CompareTo(b);
}
