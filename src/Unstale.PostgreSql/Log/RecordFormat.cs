using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unstale.Log;

namespace Unstale.PostgreSql.Log;

/// <summary>
/// Format of a record in its table: a JSON object in UTF-8.
/// <code>
/// at unix milliseconds | by node | of service | why reason (if any) | trace W3C (if any) | how flags as a number (if any)
/// via rules that named the targets, see InvalidationRecord.Via (if recorded) | ver { "cache", "version" } (if the record has a version)
/// targets array of { "key" | "tag" | "glob" | "regex": text }, { "allof": array of tags }, { "row": change, see RowText } or
/// { "everything": true }
/// </code>
/// A node that does not know a property, a flag or a kind reads the record as everything.
/// </summary>
internal static class RecordFormat
{
    /// <summary>Maximum size of a record that is read, in bytes: 256 KB. A writer produces at most 16 KB, or one name of 65,536 characters.</summary>
    private const int MostBytes = 256 << 10;

    private const int MostTargets = 1000;
    private const RecordFlags Known = RecordFlags.Lazy | RecordFlags.ServeStaleOnce | RecordFlags.DirectDependents;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly RecordOrigin Unknown = new("?", "");

    public static byte[] Write(InvalidationRecord record)
    {
        var bytes = new ArrayBufferWriter<byte>(record.Size);
        using (var json = new Utf8JsonWriter(bytes, Readable))
        {
            json.WriteStartObject();
            WriteHead(json, record);
            json.WriteStartArray("targets"u8);
            foreach (ref readonly var target in record.Targets)
                WriteTarget(json, target);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads a record. A record that cannot be read completely invalidates everything.</summary>
    /// <param name="id">Id of the record.</param>
    /// <param name="bytes">Content of the record.</param>
    /// <param name="isWhole">Whether all of the record was understood.</param>
    public static InvalidationRecord Read(long id, byte[] bytes, out bool isWhole)
    {
        try
        {
            if (bytes.Length <= MostBytes && new Fields(bytes) is var fields && fields.IsWhole)
            {
                isWhole = true;
                return fields.Record(id);
            }
        }
        catch (Exception refused) when (refused is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // Everything, as below.
        }

        isWhole = false;
        return new InvalidationRecord(id, InvalidationTarget.Everything, Unknown, DateTimeOffset.UnixEpoch);
    }

    private static void WriteHead(Utf8JsonWriter json, InvalidationRecord record)
    {
        json.WriteNumber("at"u8, record.Time.ToUnixTimeMilliseconds());
        json.WriteString("by"u8, record.Origin.Node);
        json.WriteString("of"u8, record.Origin.Service);
        if (record.Reason is { } reason)
            json.WriteString("why"u8, reason);
        if (record.Trace is { } trace)
            json.WriteString("trace"u8, trace);
        if (record.Flags != RecordFlags.None)
            json.WriteNumber("how"u8, (int)record.Flags);
        if (record.Via is { } via)
            json.WriteString("via"u8, via);
        if (record.Version is { } version)
        {
            json.WriteStartObject("ver"u8);
            json.WriteString("cache"u8, version.Cache);
            json.WriteNumber("version"u8, version.Version);
            json.WriteEndObject();
        }
    }

    private static void WriteTarget(Utf8JsonWriter json, in InvalidationTarget target)
    {
        json.WriteStartObject();
        switch (target.Kind)
        {
            case TargetKind.Key:
                json.WriteString("key"u8, target.Text);
                break;
            case TargetKind.Tag:
                json.WriteString("tag"u8, target.Text);
                break;
            case TargetKind.Glob:
                json.WriteString("glob"u8, target.Text);
                break;
            case TargetKind.Regex:
                json.WriteString("regex"u8, target.Text);
                break;
            case TargetKind.Row:
                json.WriteString("row"u8, target.Text);
                break;
            case TargetKind.AllOf:
                json.WriteStartArray("allof"u8);
                foreach (var tag in target.Tags)
                    json.WriteStringValue(tag);
                json.WriteEndArray();
                break;
            default:
                json.WriteBoolean("everything"u8, true);
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>Fields of one record.</summary>
    private readonly struct Fields
    {
        private readonly DateTimeOffset? _time;
        private readonly string? _node;
        private readonly string? _service;
        private readonly string? _reason;
        private readonly string? _trace;
        private readonly string? _via;
        private readonly RecordFlags _flags;
        private readonly KeyVersion? _version;
        private readonly List<InvalidationTarget> _targets = [];

        /// <exception cref="JsonException">The bytes are not the format of this version.</exception>
        public Fields(byte[] bytes)
        {
            var json = new Utf8JsonReader(bytes);
            Expect(ref json, JsonTokenType.StartObject);
            while (NextName(ref json) is { } name)
            {
                json.Read();
                switch (name)
                {
                    case "at":
                        _time = DateTimeOffset.FromUnixTimeMilliseconds(json.GetInt64());
                        break;
                    case "by":
                        _node = json.GetString();
                        break;
                    case "of":
                        _service = json.GetString();
                        break;
                    case "why":
                        _reason = json.GetString();
                        break;
                    case "trace":
                        _trace = json.GetString();
                        break;
                    case "via":
                        _via = json.GetString();
                        break;
                    case "how":
                        _flags = (RecordFlags)json.GetInt32();
                        break;
                    case "ver":
                        _version = ReadVersion(ref json);
                        break;
                    case "targets":
                        ReadTargets(ref json, _targets);
                        break;
                    default:
                        throw new JsonException();
                }
            }
        }

        public bool IsWhole => _time is not null && _node is not null && _service is not null && (_flags & ~Known) == RecordFlags.None && _targets.Count is > 0 and <= MostTargets;

        public InvalidationRecord Record(long id) =>
            new(id, _targets.ToArray(), new RecordOrigin(_node!, _service!), _time!.Value, _reason, _trace) { Flags = _flags, Via = _via, Version = _version };

        private static void ReadTargets(ref Utf8JsonReader json, List<InvalidationTarget> targets)
        {
            ThrowUnless(json.TokenType == JsonTokenType.StartArray);
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                ThrowUnless(json.TokenType == JsonTokenType.StartObject && targets.Count < MostTargets);
                var kind = NextName(ref json);
                json.Read();
                targets.Add(kind switch
                {
                    "key" => InvalidationTarget.ForKey(Text(ref json)),
                    "tag" => InvalidationTarget.ForTag(Text(ref json)),
                    "glob" => InvalidationTarget.ForPattern(new GlobPattern(Text(ref json))),
                    "regex" => InvalidationTarget.ForRecordedRegex(Text(ref json)),
                    "row" => InvalidationTarget.ForRecordedRow(Text(ref json)),
                    "allof" => InvalidationTarget.ForAllOf(Tags(ref json)),
                    "everything" when json.TokenType == JsonTokenType.True => InvalidationTarget.Everything,
                    _ => throw new JsonException(),
                });
                Expect(ref json, JsonTokenType.EndObject);
            }
        }

        private static KeyVersion ReadVersion(ref Utf8JsonReader json)
        {
            ThrowUnless(json.TokenType == JsonTokenType.StartObject);
            var (cache, version) = ("", 0L);
            while (NextName(ref json) is { } name)
            {
                json.Read();
                (cache, version) = name switch
                {
                    "cache" => (Text(ref json), version),
                    "version" => (cache, json.GetInt64()),
                    _ => throw new JsonException(),
                };
            }

            ThrowUnless(version > 0);
            return new KeyVersion(cache, version);
        }

        private static List<string> Tags(ref Utf8JsonReader json)
        {
            ThrowUnless(json.TokenType == JsonTokenType.StartArray);
            var tags = new List<string>();
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                tags.Add(Text(ref json));
            return tags;
        }

        private static string Text(ref Utf8JsonReader json) => json.GetString() ?? throw new JsonException();

        /// <summary>Returns the name of the next property; null at the end of the object.</summary>
        private static string? NextName(ref Utf8JsonReader json)
        {
            json.Read();
            if (json.TokenType == JsonTokenType.EndObject)
                return null;
            ThrowUnless(json.TokenType == JsonTokenType.PropertyName);
            return json.GetString();
        }

        private static void Expect(ref Utf8JsonReader json, JsonTokenType type) => ThrowUnless(json.Read() && json.TokenType == type);

        private static void ThrowUnless(bool isExpected)
        {
            if (!isExpected)
                throw new JsonException();
        }
    }
}
