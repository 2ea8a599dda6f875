using System.Buffers.Text;

namespace Unstale.Redis.Resp;

/// <summary>
/// Reads replies from bytes as they come, in pieces of any size. It keeps what it has understood so far, so each byte is looked at
/// once, however many pieces a reply comes in. Streamed types (<c>$?</c>), which no server sends, count as malformed.
/// </summary>
internal sealed class RespParser(RespLimits limits)
{
    private const int ItemBytes = 24;

    private readonly RespLines _lines = new(limits.LineBytes);
    private readonly RespFrames _frames = new(limits.Nesting);
    private byte[]? _bulk;
    private RespType _bulkType;
    private int _filled;
    private int _terminator;
    private long _size;

    /// <summary>What is missing of a string that is under way: whoever reads a socket may fill it directly and call <see cref="Fill"/>.</summary>
    public Memory<byte> Missing => _bulk.AsMemory(_filled);

    public void Fill(int bytes) => _filled += bytes;

    /// <summary>Takes bytes until a reply is complete. Without a complete reply, all of them are consumed.</summary>
    public bool TryRead(ReadOnlySpan<byte> input, out int consumed, out RespReply reply)
    {
        var rest = input;
        while (TryReadValue(ref rest, out var value))
        {
            if (_frames.Complete(ref value))
            {
                _size = 0;
                consumed = input.Length - rest.Length;
                reply = value;
                return true;
            }
        }

        consumed = input.Length;
        reply = default;
        return false;
    }

    private bool TryReadValue(ref ReadOnlySpan<byte> rest, out RespReply value)
    {
        while (true)
        {
            if (_bulk is not null)
            {
                return TryReadBulk(ref rest, out value);
            }

            if (!_lines.TryRead(ref rest, out var line))
            {
                value = default;
                return false;
            }

            if (TryReadLine(line, out value))
            {
                return true;
            }
        }
    }

    /// <summary>False when the line only opens something: a string or an aggregate that has items.</summary>
    private bool TryReadLine(ReadOnlySpan<byte> line, out RespReply value)
    {
        if (line.IsEmpty)
        {
            throw Errors.Malformed("an empty line stands where a type is due");
        }

        Charge(line.Length);
        var body = line[1..];
        value = default;
        switch (line[0])
        {
            case (byte)'+': value = RespReply.FromBytes(RespType.SimpleString, RespWords.Intern(body)); return true;
            case (byte)'-': value = RespReply.FromBytes(RespType.Error, body.ToArray()); return true;
            case (byte)':': value = RespReply.FromInteger(Number(body)); return true;
            case (byte)'_': return body.IsEmpty ? true : throw Errors.Malformed("a null has a body");
            case (byte)'#': value = RespReply.FromBoolean(Truth(body)); return true;
            case (byte)',': value = RespReply.FromDouble(Real(body)); return true;
            case (byte)'(': value = RespReply.FromBytes(RespType.BigNumber, RespWords.BigNumber(body)); return true;
            case (byte)'$': return OpenBulk(RespType.Bulk, body);
            case (byte)'=': return OpenBulk(RespType.Verbatim, body);
            case (byte)'!': return OpenBulk(RespType.Error, body);
            case (byte)'*': return OpenItems(RespType.Array, body, 1, ref value);
            case (byte)'~': return OpenItems(RespType.Set, body, 1, ref value);
            case (byte)'>': return OpenItems(RespType.Push, body, 1, ref value);
            case (byte)'%': return OpenItems(RespType.Map, body, 2, ref value);
            case (byte)'|': return OpenItems(RespType.Attribute, body, 2, ref value);
            default: throw Errors.Malformed($"the byte 0x{line[0]:x2} is no type");
        }
    }

    /// <summary>True for the null of RESP2.</summary>
    private bool OpenBulk(RespType type, ReadOnlySpan<byte> body)
    {
        var length = Number(body);
        if (length == -1 && type == RespType.Bulk)
        {
            return true;
        }

        if (length < 0)
        {
            throw Errors.Malformed("a string has a negative length");
        }

        Charge(length);
        _bulk = length == 0 ? [] : GC.AllocateUninitializedArray<byte>((int)length);
        _bulkType = type;
        return false;
    }

    private bool TryReadBulk(ref ReadOnlySpan<byte> rest, out RespReply value)
    {
        var take = Math.Min(_bulk!.Length - _filled, rest.Length);
        rest[..take].CopyTo(_bulk.AsSpan(_filled));
        rest = rest[take..];
        _filled += take;
        value = default;
        for (; _filled == _bulk.Length && _terminator < 2 && !rest.IsEmpty; _terminator++, rest = rest[1..])
        {
            if (rest[0] != "\r\n"u8[_terminator])
            {
                throw Errors.Malformed("a string is longer than announced");
            }
        }

        if (_terminator < 2)
        {
            return false;
        }

        value = RespReply.FromBytes(_bulkType, _bulkType == RespType.Verbatim ? RespWords.Verbatim(_bulk) : _bulk);
        _bulk = null;
        _filled = _terminator = 0;
        return true;
    }

    /// <summary>True for an aggregate without items and for the null of RESP2.</summary>
    private bool OpenItems(RespType type, ReadOnlySpan<byte> body, int each, ref RespReply value)
    {
        var count = Number(body);
        if (count == -1 && type == RespType.Array)
        {
            return true;
        }

        if (count < 0)
        {
            throw Errors.Malformed("an aggregate has a negative length");
        }

        if (count > limits.ReplyBytes / ItemBytes)
        {
            throw Errors.ReplyTooLarge(limits.ReplyBytes);
        }

        Charge(count * each * ItemBytes);
        return _frames.Open(type, (int)count * each, ref value);
    }

    private void Charge(long bytes)
    {
        if (bytes > limits.ReplyBytes - _size)
        {
            throw Errors.ReplyTooLarge(limits.ReplyBytes);
        }

        _size += bytes;
    }

    private static long Number(ReadOnlySpan<byte> body) =>
        Utf8Parser.TryParse(body, out long number, out var used) && used == body.Length
            ? number
            : throw Errors.Malformed("a number is none");

    private static bool Truth(ReadOnlySpan<byte> body) => body switch
    {
        [(byte)'t'] => true,
        [(byte)'f'] => false,
        _ => throw Errors.Malformed("a truth value is neither 't' nor 'f'"),
    };

    private static double Real(ReadOnlySpan<byte> body) => RespWords.Real(body);
}
