using System.Globalization;
using System.Text.Json;

namespace Unstale.Redis.Channel;

/// <summary>
/// Readers for the channels of services that do not use the message of nine fields. A reader throws a <see cref="FormatException"/> for invalid
/// messages.
/// </summary>
public static class ForeignChannels
{
    /// <summary>Channel of <see cref="ReadProductUpdate"/>.</summary>
    public const string ProductUpdates = "product:updates";

    /// <summary>Channel of <see cref="ReadEvent"/>.</summary>
    public const string Events = "cache_invalidation";

    /// <summary>
    /// Reads <c>{"product_id":4,"action":"update"}</c> as a change of product 4, and <c>{"key":"product:production:7"}</c> as that key. Any action is
    /// a change. Other objects are ignored.
    /// </summary>
    public static ForeignInvalidation ReadProductUpdate(ReadOnlyMemory<byte> payload)
    {
        using var json = Parse(payload);
        var root = json.RootElement;
        if (root.TryGetProperty("product_id", out var id))
        {
            var action = root.TryGetProperty("action", out var named) ? Text(named, "action") : "";
            return ForeignInvalidation.Changed("product", Id(id, "product_id"), Operation(action) ?? ChangeOperation.Update);
        }

        return root.TryGetProperty("key", out var key) ? ForeignInvalidation.OfKeys(Text(key, "key")) : ForeignInvalidation.Nothing;
    }

    /// <summary>
    /// Reads <c>{"event":"user.updated","user_id":7,"timestamp":1.5}</c> as a change of user 7, or of all users if there is no id. The events are
    /// <c>created</c>, <c>updated</c> and <c>deleted</c>, for any resource. Other events are ignored.
    /// </summary>
    public static ForeignInvalidation ReadEvent(ReadOnlyMemory<byte> payload)
    {
        using var json = Parse(payload);
        var root = json.RootElement;
        var name = Text(root.TryGetProperty("event", out var named) ? named : throw Errors.ForeignMessageField("event"), "event");
        var dot = name.LastIndexOf('.');
        if (dot <= 0 || Operation(name[(dot + 1)..]) is not { } operation)
            return ForeignInvalidation.Nothing;

        var resource = name[..dot];
        var field = resource + "_id";
        return ForeignInvalidation.Changed(resource, root.TryGetProperty(field, out var id) ? Id(id, field) : null, operation);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MessageLimits.Bytes)
            throw Errors.ForeignMessageTooLarge();

        try
        {
            var json = JsonDocument.Parse(payload);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json : throw Errors.ForeignMessageNotObject(null);
        }
        catch (JsonException why)
        {
            throw Errors.ForeignMessageNotObject(why);
        }
    }

    private static string Text(JsonElement value, string field)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : throw Errors.ForeignMessageField(field);
        }
        catch (InvalidOperationException)
        {
            // Not UTF-8, or half a surrogate pair.
            throw Errors.ForeignMessageField(field);
        }
    }

    private static string Id(JsonElement value, string field) =>
        value.ValueKind != JsonValueKind.Number ? Text(value, field)
        : value.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture)
        : throw Errors.ForeignMessageField(field);

    private static ChangeOperation? Operation(string action) => action switch
    {
        "create" or "created" => ChangeOperation.Create,
        "update" or "updated" => ChangeOperation.Update,
        "delete" or "deleted" => ChangeOperation.Delete,
        _ => null,
    };
}
