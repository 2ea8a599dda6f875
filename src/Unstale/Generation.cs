using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// One unbroken history of an invalidation log. The upper 64 bits are a number above the numbers of all generations that the creator had seen. The lower
/// 64 bits are random, so that no two histories share a generation. Positions of different generations have no order.
/// </summary>
/// <param name="Value">The 128 bits. Zero is "no generation".</param>
[JsonConverter(typeof(TextJsonConverter<Generation>))]
public readonly record struct Generation(UInt128 Value) : ISpanParsable<Generation>
{
    /// <summary>No generation: nothing has been read from the log yet.</summary>
    public static Generation None => default;

    /// <summary>Number of the generation. A generation with a higher number than all that a node has left is new to the node.</summary>
    public ulong Number => (ulong)(Value >> 64);

    /// <summary>Creates a unique generation with the first number.</summary>
    public static Generation Create() => Create(after: 0);

    /// <summary>
    /// Creates a unique generation for a log that begins a new history. Nodes that have left many histories treat a generation with a low number as
    /// already left.
    /// </summary>
    /// <param name="after">Highest number among the log's earlier generations. The maximum, 2^64 - 1, has no successor and is used again.</param>
    public static Generation Create(ulong after)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return new Generation(new UInt128(after == ulong.MaxValue ? after : after + 1, BitConverter.ToUInt64(random) | 1));
    }

    /// <summary>Returns the generation as 32 lower-case hexadecimal digits.</summary>
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
