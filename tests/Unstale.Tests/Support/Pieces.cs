using System.Buffers;

namespace Unstale.Tests.Support;

/// <summary>Sequences of bytes in several segments.</summary>
internal static class Pieces
{
    public static ReadOnlySequence<byte> Halves(ReadOnlyMemory<byte> bytes)
    {
        var first = new Piece(bytes[..(bytes.Length / 2)], null);
        var last = new Piece(bytes[(bytes.Length / 2)..], first);
        return new(first, 0, last, last.Memory.Length);
    }

    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, int length)
    {
        var first = new Piece(bytes[..Math.Min(length, bytes.Length)], null);
        var last = first;
        for (var at = length; at < bytes.Length; at += length)
            last = new Piece(bytes.Slice(at, Math.Min(length, bytes.Length - at)), last);
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
