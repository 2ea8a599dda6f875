using System.Globalization;
using System.Text;
using RESPite.Messages;
using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>
/// One reply. Bytes and items are copies, so a reply may be retained. Numbers, nulls and Booleans need no memory besides the struct. Reading a reply
/// as another type throws <see cref="UnexpectedReplyException"/>.
/// </summary>
internal readonly struct RedisReply
{
    private readonly object? _payload;
    private readonly long _number;

    private RedisReply(RedisReplyType type, object? payload, long number)
    {
        Type = type;
        _payload = payload;
        _number = number;
    }

    public static RedisReply Null => default;

    public RedisReplyType Type { get; }

    public bool IsNull => Type == RedisReplyType.Null;

    /// <summary>Bytes of a string or an error.</summary>
    public byte[] Bytes => _payload as byte[] ?? throw Errors.UnexpectedReply("a string", Type);

    /// <summary>Items of an array or set; alternating keys and values of a map.</summary>
    public RedisReply[] Items => _payload as RedisReply[] ?? throw Errors.UnexpectedReply("an array", Type);

    public bool IsAggregate => _payload is RedisReply[];

    /// <summary>Integer value. Also accepts an integer written as a string, the form returned by scripts.</summary>
    public long Integer => Type switch
    {
        RedisReplyType.Integer or RedisReplyType.Boolean => _number,
        RedisReplyType.Bulk or RedisReplyType.SimpleString
            when long.TryParse(Bytes, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Errors.UnexpectedReply("an integer", Type),
    };

    public static RedisReply FromBytes(RedisReplyType type, byte[] bytes) => new(type, bytes, 0);

    public static RedisReply FromItems(RedisReply[] items) => new(RedisReplyType.Array, items, 0);

    public static RedisReply FromInteger(long number) => new(RedisReplyType.Integer, null, number);

    /// <summary>Copies a reply from memory lent by the client. The caller disposes <paramref name="result"/>.</summary>
    public static RedisReply From(RespResult result)
    {
        if (result.IsNull)
            return Null;

        var reader = result.Read();
        return From(ref reader);
    }

    /// <summary>Decodes the bytes as UTF-8 text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes);

    public bool Is(ReadOnlySpan<byte> text) => _payload is byte[] bytes && text.SequenceEqual(bytes);

    /// <summary>Returns the value under a key of a map, or null.</summary>
    public RedisReply Field(ReadOnlySpan<byte> key)
    {
        var items = Items;
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            if (items[i].Is(key))
                return items[i + 1];
        }

        return Null;
    }

    /// <summary>Formats the reply for tests and debuggers. Values do not belong in logs.</summary>
    public override string ToString() => Type switch
    {
        RedisReplyType.Null => "null",
        RedisReplyType.Integer => _number.ToString(CultureInfo.InvariantCulture),
        RedisReplyType.Boolean => _number != 0 ? "true" : "false",
        _ when IsAggregate => $"{Type}[{string.Join(", ", Items)}]",
        _ => Text(),
    };

    private static RedisReply From(ref RespReader reader)
    {
        if (reader.IsNull)
            return Null;

        switch (reader.Prefix)
        {
            case RespPrefix.Integer:
                return FromInteger(reader.ReadInt64());
            case RespPrefix.Boolean:
                return new(RedisReplyType.Boolean, null, reader.ReadBoolean() ? 1 : 0);
            case RespPrefix.SimpleString:
                return FromBytes(RedisReplyType.SimpleString, reader.ReadByteArray()!);
            case RespPrefix.SimpleError or RespPrefix.BulkError:
                return FromBytes(RedisReplyType.Error, reader.ReadByteArray()!);
            case RespPrefix.Array or RespPrefix.Map or RespPrefix.Set or RespPrefix.Push:
                return FromItems(ReadItems(ref reader));
            case RespPrefix.VerbatimString:
                // The text follows the three letters of the format and a colon.
                return FromBytes(RedisReplyType.Bulk, reader.ReadByteArray() is [_, _, _, (byte)':', .. var text] ? text : []);
            default:
                return FromBytes(RedisReplyType.Bulk, reader.ReadByteArray()!);
        }
    }

    private static RedisReply[] ReadItems(ref RespReader reader)
    {
        var items = new RedisReply[reader.AggregateLength()];
        var children = reader.AggregateChildren();
        for (var i = 0; children.MoveNext(); i++)
        {
            var child = children.Value;
            items[i] = From(ref child);
        }

        return items;
    }
}
