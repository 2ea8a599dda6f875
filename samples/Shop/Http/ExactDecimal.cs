using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Http;

/// <summary>Refuses a number that a decimal does not hold exactly: the parser would round it, and make 0 of 1e-400.</summary>
internal sealed class ExactDecimal : JsonConverter<decimal>
{
    /// <summary>Digits that every decimal has, in all and after the point.</summary>
    private const int MaximumDigits = 28;

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        return reader.TokenType == JsonTokenType.Number && IsExact(text) && reader.TryGetDecimal(out var value) ? value : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    /// <summary>Counts the digits between the first and the last that is not zero, and those of them after the point.</summary>
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

        // An exponent that is no int has no decimal, but zero has one whatever its exponent is.
        var exponent = 0;
        return digits == 0
            || ((end < 0 || int.TryParse(number[(end + 1)..], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out exponent))
                && digits <= MaximumDigits && places - (long)exponent <= MaximumDigits);
    }
}
