using System.Globalization;
using System.Text.Json;
using Unstale.Predicates;

namespace Unstale.PostgreSql.Outbox;

/// <summary>
/// Value of a column or fact as JSON. Null, Booleans, texts, integers and decimals are plain; a value of another type is an object with its type:
/// <code>
/// {"real":"1E+20"}   {"guid":"..."}   {"bytes":"base64"}   {"ticks":639000000000000000} (date or time, in 100 ns of UTC)
/// </code>
/// </summary>
internal static class JsonValue
{
    public static bool IsMoment(object? value) => value is DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan;

    public static bool CanWrite(object? value) =>
        value is null or DBNull or bool or string or char or Guid or byte[] or Enum or double or float
        || value is sbyte or byte or short or ushort or int or uint or long or ulong or decimal || IsMoment(value);

    /// <summary>Writes a value. Returns false for a type that the format cannot hold.</summary>
    public static bool TryWrite(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or DBNull:
                json.WriteNullValue();
                return true;
            case bool flag:
                json.WriteBooleanValue(flag);
                return true;
            case string or char:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                return true;
            case Enum or sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                json.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                return true;
            case double or float:
                WriteTyped(json, "real", Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture));
                return true;
            case Guid guid:
                WriteTyped(json, "guid", guid.ToString());
                return true;
            case byte[] bytes:
                WriteTyped(json, "bytes", Convert.ToBase64String(bytes));
                return true;
            default:
                return TryWriteMoment(json, value);
        }
    }

    /// <exception cref="FormatException">The element is no value.</exception>
    public static object? Read(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.True or JsonValueKind.False:
                return value.GetBoolean();
            case JsonValueKind.String:
                return value.GetString();
            case JsonValueKind.Number:
                return value.TryGetInt64(out var integer) ? (object)integer : value.TryGetDecimal(out var number) ? number : throw Errors.NoChange("a number is too large");
            case JsonValueKind.Array:
                return value.EnumerateArray().Select(Read).ToList();
            default:
                return ReadTyped(value);
        }
    }

    private static object ReadTyped(JsonElement value)
    {
        foreach (var typed in value.EnumerateObject())
        {
            switch (typed.Name)
            {
                case "real" when double.TryParse(TextOf(typed), NumberStyles.Float, CultureInfo.InvariantCulture, out var real):
                    return real;
                case "guid" when Guid.TryParse(TextOf(typed), out var guid):
                    return guid;
                case "bytes" when typed.Value.ValueKind == JsonValueKind.String && typed.Value.TryGetBytesFromBase64(out var bytes):
                    return bytes;
                case "ticks" when typed.Value.ValueKind == JsonValueKind.Number && typed.Value.TryGetInt64(out var ticks):
                    return new TimeSpan(ticks); // has the form of every date and time with these ticks
                default:
                    break;
            }
        }

        throw Errors.NoChange("an object is no value with its type");
    }

    private static string? TextOf(JsonProperty typed) => typed.Value.ValueKind == JsonValueKind.String ? typed.Value.GetString() : null;

    private static bool TryWriteMoment(Utf8JsonWriter json, object value)
    {
        if (ColumnHash.TicksOf(value) is not { } known)
            return false;
        json.WriteStartObject();
        json.WriteNumber("ticks", known);
        json.WriteEndObject();
        return true;
    }

    private static void WriteTyped(Utf8JsonWriter json, string type, string text)
    {
        json.WriteStartObject();
        json.WriteString(type, text);
        json.WriteEndObject();
    }
}
