using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Unstale.Values;

namespace Unstale.Remote;

/// <summary>Codec for strings: UTF-8, or UTF-16 for a string with half of a surrogate pair, which UTF-8 cannot represent. No string is changed.</summary>
/// <remarks>
/// <code>
/// n bytes            UTF-8
/// 1 byte, 2n bytes   255, which no UTF-8 contains, and the characters as UTF-16, little endian
/// </code>
/// </remarks>
internal sealed class StringCodec() : ValueCodec<string>("text")
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const byte Utf16 = 255;

    public override bool IsExact => true;

    public override bool RunsUserCode => false;

    public override long SizeOf(string? value) =>
        value is null ? 1 : HasHalfPair(value) ? 2 + ((long)value.Length * sizeof(char)) : 1 + (long)Strict.GetByteCount(value);

    protected override void Write(string value, IBufferWriter<byte> target)
    {
        if (!HasHalfPair(value))
        {
            Strict.GetBytes(value, target);
            return;
        }

        var bytes = target.GetSpan(1 + (value.Length * sizeof(char)));
        bytes[0] = Utf16;
        for (var i = 0; i < value.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(1 + (i * sizeof(char)))..], value[i]);
        target.Advance(1 + (value.Length * sizeof(char)));
    }

    protected override string ReadValue(ReadOnlySequence<byte> source)
    {
        if (source.FirstSpan is not [Utf16, ..])
            return Strict.GetString(source);
        var bytes = source.Slice(1).ToArray();
        return bytes.Length % sizeof(char) != 0 ? throw Errors.PayloadMark(typeof(string)) : string.Create(bytes.Length / sizeof(char), bytes, static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(from.AsSpan(i * sizeof(char)));
        });
    }

    private static bool HasHalfPair(string value) => CacheNames.HalfPairIn(value) >= 0;
}
