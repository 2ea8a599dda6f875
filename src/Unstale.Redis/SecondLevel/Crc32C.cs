using System.Numerics;
using System.Runtime.InteropServices;

namespace Unstale.Redis.SecondLevel;

/// <summary>CRC-32C (Castagnoli, RFC 3720 B.4): "123456789" yields 0xE3069283. Computed by the processor, 8 bytes at a time.</summary>
internal static class Crc32C
{
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            // The instruction processes the lowest byte of the word first, so the word must be little-endian.
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var b in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, b);

        return ~crc;
    }
}
