using System.Buffers;

namespace Unstale.Redis.Store;

/// <summary>A payload as it is written, perhaps in a rented array that is given back when it is disposed.</summary>
internal readonly struct PackedPayload(PayloadCodec codec, ReadOnlyMemory<byte> bytes, int plainLength, byte[]? rented = null) : IDisposable
{
    public PayloadCodec Codec => codec;

    public ReadOnlyMemory<byte> Bytes => bytes;

    public int PlainLength => plainLength;

    public void Dispose()
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
