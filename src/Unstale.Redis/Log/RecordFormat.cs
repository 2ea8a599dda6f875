using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unstale.Log;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Log;

/// <summary>
/// Format of a record in the stream and in pushes: alternating names and values, all text, readable in redis-cli.
/// <code>
/// f 1 | id 16 hex digits | at unix milliseconds | by node, a space, service | why reason (if any) | trace W3C (if any)
/// how "lazy", "once", "direct", separated by spaces (if any) | via rules that named the targets, see InvalidationRecord.Via (if recorded)
/// ver version in 19 digits, a space, the cache (if the record has a version)
/// key k | tag t | glob text | regex text | allof JSON array | row change, see RowText | everything (empty)     one pair for each target, in order
/// </code>
/// The scripts rely on the positions of f and id, on ver, and on the kinds. A node that does not support a pair, or a word of how, reads the record
/// as everything.
/// </summary>
internal static class RecordFormat
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds a record to a script's arguments: the number of strings of the head, the number of strings of the targets, the strings.</summary>
    public static RedisCall Record(this RedisCall command, InvalidationRecord record) =>
        command.Arg(Head(record)).Arg(2 * record.Targets.Length).Strings(record);

    /// <summary>Adds a plain record to a script's arguments: the number of strings, the strings.</summary>
    public static RedisCall PlainRecord(this RedisCall command, InvalidationRecord record) =>
        command.Arg(Head(record) + (2 * record.Targets.Length)).Strings(record);

    /// <summary>Returns whether a record names only keys, tags and rows, and has neither a version nor excluded dependents.</summary>
    public static bool IsPlain(InvalidationRecord record)
    {
        if (record.Version is not null || record.Flags.HasFlag(RecordFlags.DirectDependents))
            return false;

        foreach (ref readonly var target in record.Targets)
        {
            if (target.Kind is not (TargetKind.Key or TargetKind.Tag or TargetKind.Row))
                return false;
        }

        return true;
    }

    private static int Head(InvalidationRecord record) =>
        8 + Pair(record.Reason is not null) + Pair(record.Trace is not null) + Pair(record.Flags != RecordFlags.None) + Pair(record.Via is not null)
        + Pair(record.Version is not null);

    private static RedisCall Strings(this RedisCall command, InvalidationRecord record)
    {
        command.Arg("f"u8).Arg("1"u8).Arg("id"u8).Id(record.Id).Arg("at"u8).Arg(record.Time.ToUnixTimeMilliseconds()).Arg("by"u8);
        By(command, record.Origin);
        if (record.Reason is { } reason)
            command.Arg("why"u8).Arg(reason);

        if (record.Trace is { } trace)
            command.Arg("trace"u8).Arg(trace);

        if (record.Flags != RecordFlags.None)
            command.Arg("how"u8).Arg(RecordFlagFormat.Format(record.Flags));

        if (record.Via is { } via)
            command.Arg("via"u8).Arg(via);

        if (record.Version is { } version)
            command.Arg("ver"u8).Arg(KeyVersionFormat.Format(version));

        foreach (ref readonly var target in record.Targets)
            Target(command, target);

        return command;
    }

    private static int Pair(bool isThere) => isThere ? 2 : 0;

    private static void By(RedisCall command, RecordOrigin origin)
    {
        var node = Encoding.UTF8.GetByteCount(origin.Node);
        var by = command.Argument(node + 1 + Encoding.UTF8.GetByteCount(origin.Service));
        Encoding.UTF8.GetBytes(origin.Node, by);
        by[node] = (byte)' ';
        Encoding.UTF8.GetBytes(origin.Service, by[(node + 1)..]);
    }

    private static void Target(RedisCall command, in InvalidationTarget target)
    {
        switch (target.Kind)
        {
            case TargetKind.Key:
                command.Arg("key"u8).Arg(target.Text);
                break;
            case TargetKind.Tag:
                command.Arg("tag"u8).Arg(target.Text);
                break;
            case TargetKind.Glob:
                command.Arg("glob"u8).Arg(target.Text);
                break;
            case TargetKind.Regex:
                command.Arg("regex"u8).Arg(target.Text);
                break;
            case TargetKind.AllOf:
                command.Arg("allof"u8).Arg(Json(target.Tags));
                break;
            case TargetKind.Row:
                command.Arg("row"u8).Arg(target.Text);
                break;
            default:
                command.Arg("everything"u8).Arg("");
                break;
        }
    }

    private static byte[] Json(IReadOnlyList<string> tags)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable))
        {
            writer.WriteStartArray();
            foreach (var tag in tags)
                writer.WriteStringValue(tag);

            writer.WriteEndArray();
        }

        return stream.ToArray();
    }
}
