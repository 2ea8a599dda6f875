using System.Globalization;
using System.Text;

namespace Unstale.Redis.Resp;

/// <summary>
/// One reply. Bytes and items are arrays of its own, so it may be kept; numbers, nulls and truth values take no memory but the struct.
/// Reading it as another type than it is throws <see cref="RespReplyException"/>.
/// </summary>
internal readonly struct RespReply
{
    private readonly object? _payload;
    private readonly long _number;

    private RespReply(RespType type, object? payload, long number)
    {
        Type = type;
        _payload = payload;
        _number = number;
    }

    public static RespReply Null => default;

    public RespType Type { get; }

    public bool IsNull => Type == RespType.Null;

    public bool IsError => Type == RespType.Error;

    /// <summary>The bytes of a string, error, verbatim string or big number.</summary>
    public byte[] Bytes => _payload as byte[] ?? throw Errors.UnexpectedReply("a string", Type);

    /// <summary>The items of an array, set or push; keys and values in turn of a map.</summary>
    public RespReply[] Items => _payload as RespReply[] ?? throw Errors.UnexpectedReply("an array", Type);

    public bool IsAggregate => _payload is RespReply[];

    public bool Boolean => Type switch
    {
        RespType.Boolean or RespType.Integer => _number != 0,
        _ => throw Errors.UnexpectedReply("a truth value", Type),
    };

    /// <summary>An integer, also one written as a string, as scripts return them.</summary>
    public long Integer => Type switch
    {
        RespType.Integer => _number,
        RespType.Bulk or RespType.SimpleString or RespType.Verbatim
            when long.TryParse(Bytes, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Errors.UnexpectedReply("an integer", Type),
    };

    public double Double => Type switch
    {
        RespType.Double => BitConverter.Int64BitsToDouble(_number),
        RespType.Integer => _number,
        _ => throw Errors.UnexpectedReply("a number", Type),
    };

    public static RespReply FromBytes(RespType type, byte[] bytes) => new(type, bytes, 0);

    public static RespReply FromItems(RespType type, RespReply[] items) => new(type, items, 0);

    public static RespReply FromInteger(long number) => new(RespType.Integer, null, number);

    public static RespReply FromBoolean(bool value) => new(RespType.Boolean, null, value ? 1 : 0);

    public static RespReply FromDouble(double value) => new(RespType.Double, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>The bytes as UTF-8 text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes);

    public bool Is(ReadOnlySpan<byte> text) => _payload is byte[] bytes && text.SequenceEqual(bytes);

    /// <summary>The value under a key of a map, or null.</summary>
    public RespReply Field(ReadOnlySpan<byte> key)
    {
        var items = Items;
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            if (items[i].Is(key))
            {
                return items[i + 1];
            }
        }

        return Null;
    }

    /// <summary>For messages of tests and debuggers: values do not belong in logs.</summary>
    public override string ToString() => Type switch
    {
        RespType.Null => "null",
        RespType.Integer => _number.ToString(CultureInfo.InvariantCulture),
        RespType.Boolean => Boolean ? "true" : "false",
        RespType.Double => Double.ToString(CultureInfo.InvariantCulture),
        _ when IsAggregate => $"{Type}[{string.Join(", ", Items)}]",
        _ => Text(),
    };
}
