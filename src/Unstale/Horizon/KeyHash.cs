using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Unstale.Horizon;

/// <summary>
/// Hashes keys and tags: multiply and fold, 16 bytes a step, under two random numbers of this process, so that nobody outside
/// can choose keys that collide.
/// </summary>
internal static class KeyHash
{
    private static readonly ulong Seed = RandomNumber();
    private static readonly ulong Secret = RandomNumber() | 1;

    public static uint Of(ReadOnlySpan<char> text)
    {
        ref var start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text));
        var length = (nuint)text.Length * 2;
        var hash = Seed ^ length;
        nuint at = 0;
        for (; at + 16 <= length; at += 16)
            hash = Fold(Read(ref start, at) ^ Secret, Read(ref start, at + 8) ^ hash);
        var left = length - at;
        if (left >= 8)
            hash = Fold(Read(ref start, at) ^ Secret, Read(ref start, length - 8) ^ hash);
        else if (left > 0)
            hash = Fold(ReadShort(ref start, at, left) ^ Secret, hash);
        hash = Fold(hash, Secret);
        return (uint)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(ref byte start, nuint at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, at));

    /// <summary>2, 4 or 6 bytes.</summary>
    private static ulong ReadShort(ref byte start, nuint at, nuint left)
    {
        ulong value = Unsafe.ReadUnaligned<ushort>(ref Unsafe.AddByteOffset(ref start, at + left - 2));
        return left == 2 ? value : (value << 32) | Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref start, at));
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
