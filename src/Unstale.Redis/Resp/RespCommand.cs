using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Unstale.Redis.Resp;

/// <summary>
/// One command, encoded as it is built, in a buffer that the next command uses again. Its maker disposes it after the reply has come:
/// a call that waits for room still reads it. It may be sent several times.
/// </summary>
internal sealed class RespCommand : IDisposable
{
    // "*2147483647\r\n" is written right-aligned in front, when the number of arguments is known.
    private const int HeaderRoom = 13;
    private const int LengthRoom = 14;
    private const int PooledBytes = 16 << 10;
    private const int PooledCommands = 256;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _length;
    private int _arguments;
    private bool _disposed;

    private RespCommand()
    {
    }

    /// <summary>The command's name, for messages. Its arguments never get into one.</summary>
    public string Name { get; private set; } = "";

    public static RespCommand Create(string name)
    {
        var command = RespPool<RespCommand>.TryTake() ?? new RespCommand();
        command._length = HeaderRoom;
        command._arguments = 0;
        command._disposed = false;
        command.Name = name;
        return command.Arg(name);
    }

    public RespCommand Arg(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Argument(value.Length));
        return this;
    }

    public RespCommand Arg(ReadOnlySpan<char> value)
    {
        Encoding.UTF8.GetBytes(value, Argument(Encoding.UTF8.GetByteCount(value)));
        return this;
    }

    public RespCommand Arg(string value) => Arg(value.AsSpan());

    public RespCommand Arg(byte[] value) => Arg(value.AsSpan());

    public RespCommand Arg(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        return Arg(digits[..length]);
    }

    /// <summary>A key, for the server to check and to route by. Keys precede all other arguments of a script.</summary>
    public RespCommand Key(string name) => Arg(name);

    /// <summary>A key whose name is known as bytes.</summary>
    public RespCommand Key(ReadOnlySpan<byte> name) => Arg(name);

    /// <summary>A key whose name has two parts, without joining them first.</summary>
    public RespCommand Key(string prefix, string name)
    {
        var first = Encoding.UTF8.GetByteCount(prefix);
        var key = Argument(first + Encoding.UTF8.GetByteCount(name));
        Encoding.UTF8.GetBytes(prefix, key);
        Encoding.UTF8.GetBytes(name, key[first..]);
        return this;
    }

    /// <summary>An argument of so many bytes, for the caller to fill before the next one.</summary>
    public Span<byte> Argument(int bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Reserve(LengthRoom + bytes + 2);
        _buffer[_length++] = (byte)'$';
        Utf8Formatter.TryFormat(bytes, _buffer.AsSpan(_length), out var digits);
        _length += digits;
        EndLine();
        var argument = _buffer.AsSpan(_length, bytes);
        _length += bytes;
        EndLine();
        _arguments++;
        return argument;
    }

    /// <summary>The command as it goes over the wire.</summary>
    public ReadOnlySpan<byte> Encoded()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Span<byte> digits = stackalloc byte[10];
        Utf8Formatter.TryFormat(_arguments, digits, out var length);
        var start = HeaderRoom - length - 3;
        _buffer[start] = (byte)'*';
        digits[..length].CopyTo(_buffer.AsSpan(start + 1));
        "\r\n"u8.CopyTo(_buffer.AsSpan(HeaderRoom - 2));
        return _buffer.AsSpan(start, _length - start);
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_buffer.Length <= PooledBytes && RespPool<RespCommand>.Give(this, PooledCommands))
        {
            return;
        }

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void EndLine()
    {
        _buffer[_length++] = (byte)'\r';
        _buffer[_length++] = (byte)'\n';
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length >= bytes)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _buffer.Length, _length + bytes));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
