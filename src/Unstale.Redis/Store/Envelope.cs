using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using static Unstale.Redis.Store.EnvelopeLayout;

namespace Unstale.Redis.Store;

/// <summary>A value that was read: every length in it was checked before it was followed.</summary>
internal readonly record struct Envelope(
    Generation Generation, long Stamp, TimeSpan Life, IReadOnlyList<string> Tags, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Which shape the payload has.</summary>
    public long ContentVersion { get; private init; }

    /// <summary>Stands for the type of the value and its serializer.</summary>
    public long Identity { get; private init; }

    /// <summary>Reads a stored value. The payload is a part of the bytes if it was not compressed.</summary>
    /// <param name="bytes">The stored value.</param>
    /// <param name="names">The tags of values that were read before.</param>
    /// <param name="envelope">The value.</param>
    /// <param name="maximumPayload">The largest payload that is decompressed or handed on, in bytes. Checked before memory is taken.</param>
    public static EnvelopeFault Read(byte[] bytes, TagNames names, out Envelope envelope, int maximumPayload = MaximumPayload)
    {
        envelope = default;
        var span = bytes.AsSpan();
        if (span.Length < EnvelopeLayout.Tags)
        {
            return EnvelopeFault.Length;
        }

        if (!span.StartsWith(Format) || !TryReadFront(span, out var generation, out var stamp))
        {
            return EnvelopeFault.Format;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(span[Checksum..]) != Crc32C.Of(span[Codec..]))
        {
            return EnvelopeFault.Checksum;
        }

        var codec = (PayloadCodec)span[Codec];
        var life = BinaryPrimitives.ReadInt64LittleEndian(span[EnvelopeLayout.Life..]);
        var plainLength = BinaryPrimitives.ReadUInt32LittleEndian(span[PlainLength..]);
        if (codec > PayloadCodec.Brotli || span[Form] != CurrentForm || life is < 0 or > long.MaxValue / TimeSpan.TicksPerMillisecond)
        {
            return EnvelopeFault.Format;
        }

        if (plainLength > (uint)maximumPayload)
        {
            return EnvelopeFault.TooLarge;
        }

        if (!TryReadTags(span, names, out var tags, out var payload))
        {
            return EnvelopeFault.Tags;
        }

        if (span.Length - payload < EnvelopeLayout.Identity)
        {
            return EnvelopeFault.Length;
        }

        var identity = BinaryPrimitives.ReadInt64LittleEndian(span[payload..]);
        payload += EnvelopeLayout.Identity;
        if (!PayloadCompression.TryUnpack(codec, bytes.AsMemory(payload), (int)plainLength, out var plain))
        {
            return EnvelopeFault.Payload;
        }

        envelope = new Envelope(generation, stamp, TimeSpan.FromMilliseconds(life), tags, plain)
        {
            ContentVersion = BinaryPrimitives.ReadInt64LittleEndian(span[EnvelopeLayout.ContentVersion..]),
            Identity = identity,
        };
        return EnvelopeFault.None;
    }

    private static bool TryReadFront(ReadOnlySpan<byte> span, out Generation generation, out long stamp)
    {
        generation = default;
        stamp = 0;
        var digits = span.Slice(EnvelopeLayout.Generation, GenerationDigits);
        if (digits.ContainsAnyInRange((byte)'A', (byte)'F')
            || !UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        generation = new Generation(value);
        digits = span.Slice(EnvelopeLayout.Stamp, StampDigits);
        return !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(digits, out stamp, out _);
    }

    private static bool TryReadTags(ReadOnlySpan<byte> span, TagNames names, out string[] tags, out int payload)
    {
        tags = [];
        payload = EnvelopeLayout.Tags;
        int count = BinaryPrimitives.ReadUInt16BigEndian(span[TagCount..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(span[TagBytes..]);
        var rest = span[EnvelopeLayout.Tags..];
        if (count > MaximumTags || length > (uint)rest.Length || sizeof(ushort) * (long)count > length)
        {
            return false;
        }

        rest = rest[..(int)length];
        tags = count == 0 ? [] : new string[count];
        for (var i = 0; i < count; i++)
        {
            if (rest.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(rest) is var size && size > rest.Length - sizeof(ushort))
            {
                return false;
            }

            var tag = rest.Slice(sizeof(ushort), size);
            if (names.Of(tag) is not { } name)
            {
                return false;
            }

            tags[i] = name;
            rest = rest[(sizeof(ushort) + size)..];
        }

        payload += (int)length;
        return rest.IsEmpty;
    }
}
