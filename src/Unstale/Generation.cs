using System.Globalization;
using System.Security.Cryptography;

namespace Unstale;

/// <summary>
/// One unbroken history of an invalidation log: 128 random bits, so that no two histories share one. Generations are equal or
/// not; they have no order.
/// </summary>
/// <param name="Value">The 128 bits; zero is "no generation".</param>
public readonly record struct Generation(UInt128 Value) : ISpanParsable<Generation>
{
    /// <summary>No generation: nothing is known of the log yet.</summary>
    public static Generation None => default;

    /// <summary>Makes a generation that was never used before.</summary>
    public static Generation Create()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new Generation(new UInt128(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]) | 1));
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    /// <inheritdoc cref="IParsable{TSelf}.Parse(string, IFormatProvider?)"/>
    public static Generation Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <inheritdoc cref="ISpanParsable{TSelf}.Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static Generation Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var generation) ? generation : throw Errors.GenerationFormat(s);

    /// <inheritdoc cref="IParsable{TSelf}.TryParse(string?, IFormatProvider?, out TSelf)"/>
    public static bool TryParse(string? s, IFormatProvider? provider, out Generation result) => TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="ISpanParsable{TSelf}.TryParse(ReadOnlySpan{char}, IFormatProvider?, out TSelf)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Generation result)
    {
        result = default;
        if (s.Length != 32 || !UInt128.TryParse(s, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            return false;
        result = new Generation(value);
        return true;
    }
}
