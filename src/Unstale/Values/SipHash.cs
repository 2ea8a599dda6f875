using System.Buffers.Binary;
using System.Numerics;

namespace Unstale.Values;

/// <summary>
/// SipHash-2-4 with a key of 128 bits (Aumasson and Bernstein, 2012): a hash of 64 bits that reveals nothing about short inputs to a reader without the
/// key. The same on all nodes, unlike <see cref="KeyHash"/>.
/// </summary>
internal static class SipHash
{
    public static ulong Compute(ReadOnlySpan<byte> data, ulong key0, ulong key1)
    {
        var v0 = key0 ^ 0x736f6d6570736575;
        var v1 = key1 ^ 0x646f72616e646f6d;
        var v2 = key0 ^ 0x6c7967656e657261;
        var v3 = key1 ^ 0x7465646279746573;
        var last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
            Absorb(BinaryPrimitives.ReadUInt64LittleEndian(data));
        for (var i = 0; i < data.Length; i++)
            last |= (ulong)data[i] << (8 * i);
        Absorb(last);
        v2 ^= 0xff;
        for (var i = 0; i < 4; i++)
            Round();
        return v0 ^ v1 ^ v2 ^ v3;

        void Absorb(ulong word)
        {
            v3 ^= word;
            Round();
            Round();
            v0 ^= word;
        }

        void Round()
        {
            v0 += v1;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v3;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }
}
