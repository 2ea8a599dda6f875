using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Unstale.Values;

/// <summary>
/// Hashes keys and tags by multiply and fold, 16 bytes per step. Two random numbers of this process prevent outsiders from choosing keys that
/// collide.
/// </summary>
internal static class KeyHash
{
    private static readonly ulong Seed = RandomNumber();
    private static readonly ulong Secret = RandomNumber() | 1;

    public static uint Compute(ReadOnlySpan<char> text)
    {
        ref var start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text));
        var length = (nuint)text.Length * 2;
        var one = Seed ^ length;
        var other = Secret;
        if (length < 16)
            return Ended(length == 0 ? one : Fold(ReadShort(ref start, length) ^ Secret, one), other);

        // Two lanes, so that the processor multiplies both at once.
        nuint at = 0;
        for (; at + 32 <= length; at += 32)
        {
            one = Fold(ReadInt64(ref start, at) ^ Secret, ReadInt64(ref start, at + 8) ^ one);
            other = Fold(ReadInt64(ref start, at + 16) ^ Seed, ReadInt64(ref start, at + 24) ^ other);
        }

        if (at + 16 < length)
            one = Fold(ReadInt64(ref start, at) ^ Secret, ReadInt64(ref start, at + 8) ^ one);
        if (at < length)
            other = Fold(ReadInt64(ref start, length - 16) ^ Seed, ReadInt64(ref start, length - 8) ^ other);
        return Ended(one, other);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadInt64(ref byte start, nuint at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, at));

    /// <summary>Reads 2 to 14 bytes. The two reads of a longer text overlap; different texts of one length still differ.</summary>
    private static ulong ReadShort(ref byte start, nuint length)
    {
        if (length >= 8)
            return Fold(ReadInt64(ref start, 0) ^ Seed, ReadInt64(ref start, length - 8) ^ Secret);
        ulong last = Unsafe.ReadUnaligned<ushort>(ref Unsafe.AddByteOffset(ref start, length - 2));
        return length == 2 ? last : (last << 32) | Unsafe.ReadUnaligned<uint>(ref start);
    }

    private static uint Ended(ulong one, ulong other)
    {
        var hash = one ^ BitOperations.RotateLeft(other, 29);
        return (uint)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private static ulong RandomNumber()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
