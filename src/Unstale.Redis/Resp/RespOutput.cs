using System.Buffers;

namespace Unstale.Redis.Resp;

/// <summary>Bytes that go out with one write. It keeps a buffer of moderate size for the next.</summary>
internal sealed class RespOutput
{
    private const int Kept = 256 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 << 10);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length - Length < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _buffer.Length, Length + bytes.Length));
            Written.Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > Kept)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        }
    }
}
