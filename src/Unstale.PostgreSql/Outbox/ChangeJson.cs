using System.Buffers;
using System.Collections;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Unstale.PostgreSql.Outbox;

/// <summary>
/// Changes as JSON in the table, readable and part of the format:
/// <code>
/// {"resource":"product","id":"4","operation":"update","fields":["price"],"scope":"entity","context":{...},"before":{...},"after":{...}}
/// </code>
/// Only the resource is required. Values of columns and facts are written by <see cref="JsonValue"/>.
/// </summary>
internal static class ChangeJson
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="ArgumentException">A fact of the context has a type that the table cannot hold.</exception>
    public static string Write(Change change)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("resource", change.Resource);
            if (change.Id is { } id)
                json.WriteString("id", id);
            if (change.Operation != ChangeOperation.Update)
                json.WriteString("operation", WordOf(change.Operation));
            if (change.Scope == ChangeScope.Entity)
                json.WriteString("scope", "entity");
            WriteFields(json, change.Fields);
            WriteContext(json, change.Context);
            WriteRow(json, "before", change.Before);
            WriteRow(json, "after", change.After);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <exception cref="FormatException">The text is no change. The message contains the reason.</exception>
    public static Change Read(string text)
    {
        using var document = JsonDocument.Parse(text); // jsonb is valid JSON
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw Errors.NoChange("the column 'change' is no object");
        string? resource = null, id = null;
        var change = new Change("");
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "resource":
                    resource = TextOf(member);
                    break;
                case "id":
                    id = TextOf(member);
                    break;
                case "operation":
                    change = change with { Operation = OperationOf(TextOf(member)) };
                    break;
                case "scope":
                    change = change with { Scope = TextOf(member) is "entity" ? ChangeScope.Entity : throw Errors.NoChange("'scope' is not \"entity\"") };
                    break;
                case "fields":
                    change = change with { Fields = FieldsOf(value) };
                    break;
                case "context":
                    change = change with { Context = RowOf(member) };
                    break;
                case "before":
                    change = change with { Before = RowOf(member) };
                    break;
                case "after":
                    change = change with { After = RowOf(member) };
                    break;
                default:
                    throw Errors.NoChange($"'{member.Name}' is no part of a change");
            }
        }

        return string.IsNullOrEmpty(resource) ? throw Errors.NoChange("'resource' is missing") : change with { Resource = resource, Id = id };
    }

    private static string WordOf(ChangeOperation operation) => operation switch
    {
        ChangeOperation.Create => "create",
        ChangeOperation.Delete => "delete",
        _ => "update",
    };

    private static ChangeOperation OperationOf(string? word) => word switch
    {
        "create" => ChangeOperation.Create,
        "delete" => ChangeOperation.Delete,
        "update" => ChangeOperation.Update,
        _ => throw Errors.NoChange("'operation' is not \"create\", \"update\" or \"delete\""),
    };

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<string> fields)
    {
        if (fields.Count == 0)
            return;
        json.WriteStartArray("fields");
        foreach (var field in fields)
            json.WriteStringValue(field);
        json.WriteEndArray();
    }

    private static void WriteContext(Utf8JsonWriter json, IReadOnlyDictionary<string, object?> context)
    {
        if (context.Count == 0)
            return;
        json.WriteStartObject("context");
        foreach (var (name, value) in context)
        {
            json.WritePropertyName(name);
            if (value is IEnumerable list and not string and not byte[])
            {
                json.WriteStartArray();
                foreach (var one in list)
                    WriteFact(json, name, one);
                json.WriteEndArray();
            }
            else
            {
                WriteFact(json, name, value);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteFact(Utf8JsonWriter json, string name, object? value)
    {
        if (value is Enum named)
            json.WriteStringValue(named.ToString());
        else if (JsonValue.IsMoment(value) || !JsonValue.TryWrite(json, value))
            throw Errors.ContextValue(name, value!.GetType(), "change");
    }

    /// <summary>Writes the values of columns. A value of another type is left out, and is then unknown.</summary>
    private static void WriteRow(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, object?>? row)
    {
        if (row is null)
            return;
        json.WriteStartObject(name);
        foreach (var (column, value) in row)
        {
            if (!JsonValue.CanWrite(value))
                continue;
            json.WritePropertyName(column);
            JsonValue.TryWrite(json, value);
        }

        json.WriteEndObject();
    }

    private static string? TextOf(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => member.Value.GetString(),
        JsonValueKind.Null => null,
        JsonValueKind.Number => member.Value.GetRawText(),
        _ => throw Errors.NoChange($"'{member.Name}' is no text"),
    };

    private static string[] FieldsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.Array => [.. value.EnumerateArray().Select(static one => one.ValueKind == JsonValueKind.String ? one.GetString()! : throw Errors.NoChange("a field is no text"))],
        _ => throw Errors.NoChange("'fields' is no list"),
    };

    private static Dictionary<string, object?> RowOf(JsonProperty member)
    {
        if (member.Value.ValueKind != JsonValueKind.Object)
            throw Errors.NoChange($"'{member.Name}' is no object");
        var row = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var one in member.Value.EnumerateObject())
            row[one.Name] = JsonValue.Read(one.Value);
        return row;
    }
}
