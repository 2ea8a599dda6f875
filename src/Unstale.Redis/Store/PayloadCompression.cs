using System.Buffers;
using System.IO.Compression;

namespace Unstale.Redis.Store;

/// <summary>
/// Brotli of quality 1: of JSON of 2.6 KB it leaves 40 % in 11 µs (6 µs to read it), of 330 KB 29 % in 1.1 ms; quality 4 takes three
/// times as long for one byte in twenty.
/// </summary>
internal static class PayloadCompression
{
    /// <summary>
    /// Smaller payloads stay as they are: with its tags such a value fills one or two packets, and what a reader would pay for
    /// unpacking is more than what the network takes for the rest. 2 KB.
    /// </summary>
    public const int DefaultThreshold = 2048;

    private const int Quality = 1;
    private const int Window = 22;

    /// <summary>Compresses what is at least so many bytes, and keeps the result only when it saves an eighth.</summary>
    public static PackedPayload Pack(ReadOnlyMemory<byte> plain, bool compress, int threshold)
    {
        if (compress && plain.Length >= threshold)
        {
            var worthwhile = plain.Length - plain.Length / 8;
            var rented = ArrayPool<byte>.Shared.Rent(worthwhile);
            if (BrotliEncoder.TryCompress(plain.Span, rented.AsSpan(0, worthwhile), out var length, Quality, Window))
            {
                return new PackedPayload(PayloadCodec.Brotli, rented.AsMemory(0, length), plain.Length, rented);
            }

            ArrayPool<byte>.Shared.Return(rented);
        }

        return new PackedPayload(PayloadCodec.None, plain, plain.Length);
    }

    /// <summary>Gives back what was packed; false if that is not of the stated length, which the caller has checked against a maximum.</summary>
    public static bool TryUnpack(PayloadCodec codec, ReadOnlyMemory<byte> packed, int plainLength, out ReadOnlyMemory<byte> plain)
    {
        plain = packed;
        if (codec == PayloadCodec.None)
        {
            return packed.Length == plainLength;
        }

        var bytes = GC.AllocateUninitializedArray<byte>(plainLength);
        plain = bytes;
        return BrotliDecoder.TryDecompress(packed.Span, bytes, out var written) && written == plainLength;
    }
}
