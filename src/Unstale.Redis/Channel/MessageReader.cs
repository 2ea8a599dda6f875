using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Unstale.Redis.Channel;

/// <summary>Parses messages as strictly as the services in other languages do, and no more strictly. The fields may be in any order.</summary>
internal static class MessageReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 128 };

    private static readonly string[] Names =
        ["message_id", "entity_type", "entity_id", "pattern", "entity_ids", "action", "timestamp", "source_service", "metadata"];

    private static readonly byte[][] NamesInUtf8 = [.. Names.Select(Encoding.UTF8.GetBytes)];

    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out InvalidationMessage? message, out string? reason)
    {
        (message, reason) = (null, null);
        if (payload.Length > MessageLimits.Bytes)
        {
            reason = "it is longer than 8 MB";
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(payload, Options);
            var fields = default(Fields);
            reader.Read();
            reason = reader.TokenType switch
            {
                JsonTokenType.StartObject => Object(ref reader, ref fields),
                JsonTokenType.StartArray => Array(ref reader, ref fields),
                _ => "it is neither an object nor an array",
            };
            if (reason is null && reader.Read())
                reason = "text follows the message";

            message = reason is null ? fields.ToMessage(out reason) : null;
            return message is not null;
        }
        catch (Exception refused) when (refused is JsonException or InvalidOperationException)
        {
            // The reader throws InvalidOperationException for text that is not UTF-8, or for half a surrogate pair.
            reason = "it is not JSON";
            return false;
        }
    }

    private static string? Object(ref Utf8JsonReader reader, ref Fields fields)
    {
        var seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = ReadKnownField(ref reader);
            reader.Read();
            if (field < 0)
            {
                reader.Skip();
                continue;
            }

            if ((seen & (1 << field)) != 0)
            {
                return $"the field {Names[field]} occurs twice";
            }

            seen |= 1 << field;
            if (Field(field, ref reader, ref fields) is { } reason)
                return reason;
        }

        return null;
    }

    private static int ReadKnownField(ref Utf8JsonReader reader)
    {
        for (var field = 0; field < NamesInUtf8.Length; field++)
        {
            if (reader.ValueTextEquals(NamesInUtf8[field]))
                return field;
        }

        // Throws for invalid text, which makes the whole message invalid, even in the name of an unknown field.
        _ = reader.GetString();
        return -1;
    }

    /// <summary>Parses an array of exactly nine values without names.</summary>
    private static string? Array(ref Utf8JsonReader reader, ref Fields fields)
    {
        for (var field = 0; field < Names.Length; field++)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray)
                return "the array does not have nine values";

            if (Field(field, ref reader, ref fields) is { } reason)
                return reason;
        }

        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray ? null : "the array does not have nine values";
    }

    /// <summary>Parses one value.</summary>
    /// <returns>Null, or the reason for the rejection.</returns>
    private static string? Field(int field, ref Utf8JsonReader reader, ref Fields fields)
    {
        var isRead = field switch
        {
            0 => TryText(ref reader, out fields.MessageId),
            1 => TryType(ref reader, out fields.Type),
            2 => TryTextOrNull(ref reader, out fields.EntityId),
            3 => TryTextOrNull(ref reader, out fields.Pattern),
            4 => TryTexts(ref reader, ref fields),
            5 => TryAction(ref reader, out fields.Action),
            6 => TryTime(ref reader, out fields.Timestamp),
            7 => TryText(ref reader, out fields.SourceService),
            _ => TryMetadata(ref reader, ref fields),
        };
        return isRead ? null
            : fields.Exceeded is { } limit ? $"the field {Names[field]} {limit}"
            : $"the field {Names[field]} has the wrong format";
    }

    private static bool TryText(ref Utf8JsonReader reader, out string? text)
    {
        text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text is not null;
    }

    private static bool TryTextOrNull(ref Utf8JsonReader reader, out string? text)
    {
        text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
    }

    private static bool TryTexts(ref Utf8JsonReader reader, ref Fields fields)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;

        if (reader.TokenType != JsonTokenType.StartArray)
            return false;

        List<string> texts = fields.EntityIds = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            if (texts.Count == MessageLimits.EntityIds)
            {
                fields.Exceeded = "has more than 100,000 values";
                return false;
            }

            texts.Add(reader.GetString()!);
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    /// <summary>Parses <c>"User"</c>, <c>{"User":null}</c> or <c>{"Custom":"name"}</c>.</summary>
    private static bool TryType(ref Utf8JsonReader reader, out EntityType? type)
    {
        type = null;
        if (reader.TokenType == JsonTokenType.String)
        {
            type = EntityType.FromName(reader.GetString()!);
            return type is not null;
        }

        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
            return false;

        var name = reader.GetString()!;
        reader.Read();
        type = reader.TokenType switch
        {
            JsonTokenType.String when name == "Custom" => EntityType.Custom(reader.GetString()!),
            JsonTokenType.Null => EntityType.FromName(name),
            _ => null,
        };
        return type is not null && reader.Read() && reader.TokenType == JsonTokenType.EndObject;
    }

    private static bool TryAction(ref Utf8JsonReader reader, out MessageAction? action)
    {
        var name = reader.TokenType == JsonTokenType.String ? reader.GetString() : OnlyName(ref reader);
        action = name switch
        {
            nameof(MessageAction.Delete) => MessageAction.Delete,
            nameof(MessageAction.Update) => MessageAction.Update,
            nameof(MessageAction.Batch) => MessageAction.Batch,
            nameof(MessageAction.Pattern) => MessageAction.Pattern,
            _ => null,
        };
        return action is not null;
    }

    /// <summary>Parses the alternative form that the same services may use for an enumeration: <c>{"Delete":null}</c>.</summary>
    private static string? OnlyName(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
            return null;

        var name = reader.GetString();
        return reader.Read() && reader.TokenType == JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.EndObject ? name : null;
    }

    private static bool TryTime(ref Utf8JsonReader reader, out MessageTime? time)
    {
        time = reader.TokenType == JsonTokenType.String && MessageTime.TryParse(reader.GetString(), out var read) ? read : null;
        return time is not null;
    }

    private static bool TryMetadata(ref Utf8JsonReader reader, ref Fields fields)
    {
        var ahead = reader;
        ahead.Skip();
        if (ahead.BytesConsumed - reader.TokenStartIndex > MessageLimits.MetadataBytes)
        {
            fields.Exceeded = "is longer than 64 KB";
            return false;
        }

        fields.Metadata = reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader);
        return true;
    }

    private struct Fields
    {
        public string? MessageId;
        public EntityType? Type;
        public string? EntityId;
        public string? Pattern;
        public List<string>? EntityIds;
        public MessageAction? Action;
        public MessageTime? Timestamp;
        public string? SourceService;
        public JsonElement? Metadata;

        /// <summary>Description of the limit that a field exceeds; null if none does.</summary>
        public string? Exceeded;

        public readonly InvalidationMessage? ToMessage(out string? reason)
        {
            reason = MessageId is null ? Missing(0) : Type is null ? Missing(1) : Action is null ? Missing(5)
                : Timestamp is null ? Missing(6) : SourceService is null ? Missing(7) : null;
            return reason is not null ? null : new InvalidationMessage
            {
                MessageId = MessageId!,
                EntityType = Type!,
                EntityId = EntityId,
                Pattern = Pattern,
                EntityIds = EntityIds,
                Action = Action!.Value,
                Timestamp = Timestamp!.Value,
                SourceService = SourceService!,
                Metadata = Metadata,
            };
        }

        private static string Missing(int field) => $"the field {Names[field]} is missing";
    }
}
