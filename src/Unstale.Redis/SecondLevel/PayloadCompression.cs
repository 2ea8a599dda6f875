using System.Buffers;
using System.IO.Compression;

namespace Unstale.Redis.SecondLevel;

/// <summary>
/// Compresses payloads with Brotli of quality 1. JSON of 2.6 KB shrinks to 40 % in 11 µs (6 µs to decompress), JSON of 330 KB to 29 % in 1.1 ms.
/// Quality 4 needs three times as long to save one more byte in twenty.
/// </summary>
internal static class PayloadCompression
{
    /// <summary>
    /// Size from which payloads are compressed. With its tags, a smaller value fits into one or two packets, and decompression would cost a reader
    /// more than the saved network time. Default: 2 KB.
    /// </summary>
    public const int DefaultThreshold = 2048;

    private const int Quality = 1;
    private const int Window = 22;

    /// <summary>Compresses a payload of at least <paramref name="threshold"/> bytes. The result is used only if compression saves an eighth.</summary>
    public static PackedPayload Pack(ReadOnlyMemory<byte> plain, bool compress, int threshold)
    {
        if (compress && plain.Length >= threshold)
        {
            var worthwhile = plain.Length - plain.Length / 8;
            var rented = ArrayPool<byte>.Shared.Rent(worthwhile);
            if (BrotliEncoder.TryCompress(plain.Span, rented.AsSpan(0, worthwhile), out var length, Quality, Window))
                return new PackedPayload(PayloadCodec.Brotli, rented.AsMemory(0, length), plain.Length, rented);

            ArrayPool<byte>.Shared.Return(rented);
        }

        return new PackedPayload(PayloadCodec.None, plain, plain.Length);
    }

    /// <summary>Unpacks a payload. Returns false if the result does not have the stated length, which the caller must have checked against a maximum.</summary>
    public static bool TryUnpack(PayloadCodec codec, ReadOnlyMemory<byte> packed, int plainLength, out ReadOnlyMemory<byte> plain)
    {
        plain = packed;
        if (codec == PayloadCodec.None)
            return packed.Length == plainLength;

        var bytes = GC.AllocateUninitializedArray<byte>(plainLength);
        plain = bytes;
        return BrotliDecoder.TryDecompress(packed.Span, bytes, out var written) && written == plainLength;
    }
}
