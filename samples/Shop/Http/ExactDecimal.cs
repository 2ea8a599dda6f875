using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Http;

/// <summary>Converter that refuses a number which a decimal cannot hold exactly: the parser would round the number, and turn 1e-400 into 0.</summary>
internal sealed class ExactDecimal : JsonConverter<decimal>
{
    /// <summary>Number of digits that every decimal has, in total and after the point.</summary>
    private const int MaximumDigits = 28;

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        return reader.TokenType == JsonTokenType.Number && IsExact(text) && reader.TryGetDecimal(out var value) ? value : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    /// <summary>
    /// Returns whether a decimal is exact, from the number of digits between the first and the last nonzero digit, and how many of them are after the
    /// point.
    /// </summary>
    private static bool IsExact(ReadOnlySpan<byte> number)
    {
        var end = number.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = end < 0 ? number : number[..end];
        int digits = 0, zeros = 0, afterPoint = 0, places = 0;
        var isAfterPoint = false;
        foreach (var sign in mantissa)
        {
            if (sign == '.')
            {
                isAfterPoint = true;
            }
            else if (sign != '-')
            {
                afterPoint += isAfterPoint ? 1 : 0;
                (digits, zeros) = sign == '0' ? (digits, digits == 0 ? 0 : zeros + 1) : (digits + zeros + 1, 0);
                places = sign == '0' ? places : afterPoint;
            }
        }

        // A number whose exponent is no int has no decimal, except zero, which has one with any exponent.
        var exponent = 0;
        return digits == 0
            || ((end < 0 || int.TryParse(number[(end + 1)..], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out exponent))
                && digits <= MaximumDigits && places - (long)exponent <= MaximumDigits);
    }
}
