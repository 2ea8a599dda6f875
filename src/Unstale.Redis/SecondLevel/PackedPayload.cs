using System.Buffers;

namespace Unstale.Redis.SecondLevel;

/// <summary>Payload in stored form, possibly in a rented array that is returned on disposal.</summary>
internal readonly struct PackedPayload(PayloadCodec codec, ReadOnlyMemory<byte> bytes, int plainLength, byte[]? rented = null) : IDisposable
{
    public PayloadCodec Codec => codec;

    public ReadOnlyMemory<byte> Bytes => bytes;

    public int PlainLength => plainLength;

    public void Dispose()
    {
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
