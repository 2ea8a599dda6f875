using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Unstale.Redis.Channel;

/// <summary>
/// Writes messages byte for byte as the services in other languages do: always all nine fields, in one order, and with the escapes that JSON requires
/// and no others. The serializers of .NET escape more characters, and in another way.
/// </summary>
internal static class MessageWriter
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    private static readonly Comparer<string> ByBytes =
        Comparer<string>.Create(static (left, right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Write(InvalidationMessage message)
    {
        var text = new ArrayBufferWriter<byte>(320);
        text.Write("{\"message_id\":"u8);
        Text(text, message.MessageId);
        text.Write(",\"entity_type\":"u8);
        Type(text, message.EntityType);
        text.Write(",\"entity_id\":"u8);
        Text(text, message.EntityId);
        text.Write(",\"pattern\":"u8);
        Text(text, message.Pattern);
        text.Write(",\"entity_ids\":"u8);
        Texts(text, message.EntityIds);
        text.Write(",\"action\":"u8);
        Text(text, message.Action.ToString());
        text.Write(",\"timestamp\":"u8);
        Text(text, message.Timestamp.ToString());
        text.Write(",\"source_service\":"u8);
        Text(text, message.SourceService);
        text.Write(",\"metadata\":"u8);
        Json(text, message.Metadata);
        text.Write("}"u8);
        return text.WrittenSpan.ToArray();
    }

    /// <exception cref="ArgumentException">The name contains half of a surrogate pair.</exception>
    public static void CheckChannel(string channel)
    {
        try
        {
            _ = Strict.GetByteCount(channel);
        }
        catch (EncoderFallbackException)
        {
            throw Errors.HalfPairInChannel();
        }
    }

    private static void Type(ArrayBufferWriter<byte> text, EntityType type)
    {
        if (!type.IsCustom)
        {
            Text(text, type.Name);
            return;
        }

        text.Write("{\"Custom\":"u8);
        Text(text, type.Name);
        text.Write("}"u8);
    }

    private static void Texts(ArrayBufferWriter<byte> text, IReadOnlyList<string>? values)
    {
        if (values is null)
        {
            text.Write("null"u8);
            return;
        }

        text.Write("["u8);
        for (var i = 0; i < values.Count; i++)
        {
            text.Write(i == 0 ? ""u8 : ","u8);
            Text(text, values[i]);
        }

        text.Write("]"u8);
    }

    internal static void Text(ArrayBufferWriter<byte> text, string? value)
    {
        if (value is null)
        {
            text.Write("null"u8);
            return;
        }

        text.Write("\""u8);
        var rest = value.AsSpan();
        for (int at; (at = rest.IndexOfAny(Escaped)) >= 0; rest = rest[(at + 1)..])
        {
            Utf8(text, rest[..at]);
            Escape(text, rest[at]);
        }

        Utf8(text, rest);
        text.Write("\""u8);
    }

    private static void Utf8(ArrayBufferWriter<byte> text, ReadOnlySpan<char> value)
    {
        try
        {
            text.Advance(Strict.GetBytes(value, text.GetSpan(3 * value.Length)));
        }
        catch (EncoderFallbackException)
        {
            throw Errors.HalfPairInMessage();
        }
    }

    private static void Escape(ArrayBufferWriter<byte> text, char value)
    {
        text.Write(value switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\t' => "\\t"u8,
            '\n' => "\\n"u8,
            '\f' => "\\f"u8,
            '\r' => "\\r"u8,
            _ => [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', Hex(value >> 4), Hex(value & 15)],
        });
    }

    private static byte Hex(int digit) => "0123456789abcdef"u8[digit];

    /// <summary>Writes an element. Keys are sorted by their bytes; of two equal keys, the last one counts.</summary>
    private static void Json(ArrayBufferWriter<byte> text, JsonElement? element)
    {
        switch (element?.ValueKind)
        {
            case JsonValueKind.Object:
                Fields(text, element.Value);
                break;
            case JsonValueKind.Array:
                text.Write("["u8);
                var first = true;
                foreach (var item in element.Value.EnumerateArray())
                {
                    text.Write(first ? ""u8 : ","u8);
                    first = false;
                    Json(text, item);
                }

                text.Write("]"u8);
                break;
            case JsonValueKind.String:
                Text(text, element.Value.GetString());
                break;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                Utf8(text, element.Value.GetRawText());
                break;
            default:
                text.Write("null"u8);
                break;
        }
    }

    private static void Fields(ArrayBufferWriter<byte> text, JsonElement element)
    {
        var fields = new SortedDictionary<string, JsonElement>(ByBytes);
        foreach (var field in element.EnumerateObject())
            fields[field.Name] = field.Value;

        text.Write("{"u8);
        var first = true;
        foreach (var (name, value) in fields)
        {
            text.Write(first ? ""u8 : ","u8);
            first = false;
            Text(text, name);
            text.Write(":"u8);
            Json(text, value);
        }

        text.Write("}"u8);
    }
}
