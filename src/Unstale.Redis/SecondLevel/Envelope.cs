using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using static Unstale.Redis.SecondLevel.EnvelopeLayout;

namespace Unstale.Redis.SecondLevel;

/// <summary>Stored value after reading. Every length is checked before use.</summary>
internal readonly record struct Envelope(
    Generation Generation, long Stamp, TimeSpan Life, IReadOnlyList<string> Tags, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Version of the payload's shape.</summary>
    public long ContentVersion { get; private init; }

    /// <summary>Identifies the type of the value and its serializer.</summary>
    public long Identity { get; private init; }

    /// <summary>End of the lifetime, in milliseconds by the server's clock; null if the value contains none.</summary>
    public long? EndsAt { get; private init; }

    /// <summary>Sequence as of which the server has confirmed the value; not below the stamp.</summary>
    public long Confirmed { get; private init; }

    /// <summary>Checksum that, together with the stamp, distinguishes the value from any other value of the same key.</summary>
    public uint Checksum { get; private init; }

    /// <summary>Reads a stored value. An uncompressed payload is a slice of the bytes.</summary>
    /// <param name="bytes">Stored value.</param>
    /// <param name="names">Tags of values read before.</param>
    /// <param name="envelope">Value that was read.</param>
    /// <param name="maximumPayload">Maximum size of a payload to decompress or return, in bytes. Checked before memory is allocated.</param>
    public static EnvelopeFault Parse(ReadOnlyMemory<byte> bytes, TagNames names, out Envelope envelope, int maximumPayload = MaximumPayload)
    {
        envelope = default;
        var span = bytes.Span;
        if (span.Length < EnvelopeLayout.Tags)
            return EnvelopeFault.Length;

        if (!span.StartsWith(Format) || span[Form] is not (CurrentForm or FormWithoutEnding) || !TryReadFront(span, out var generation, out var stamp))
            return EnvelopeFault.Format;

        long? ends = null;
        var confirmed = stamp;
        if (span[Form] == CurrentForm)
        {
            if (span.Length < EnvelopeLayout.Tags + Ending)
                return EnvelopeFault.Length;

            if (!TryReadEnding(span[^Ending..], out var at, out confirmed) || confirmed < stamp)
                return EnvelopeFault.Format;

            ends = at;
            bytes = bytes[..^Ending];
            span = bytes.Span;
        }

        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(span[EnvelopeLayout.Checksum..]);
        if (checksum != Crc32C.Compute(span[Codec..]))
            return EnvelopeFault.Checksum;

        var fault = ReadBody(bytes, names, maximumPayload, out envelope);
        envelope = envelope with { Generation = generation, Stamp = stamp, EndsAt = ends, Confirmed = confirmed, Checksum = checksum };
        return fault;
    }

    /// <summary>Reads the part covered by the checksum.</summary>
    private static EnvelopeFault ReadBody(ReadOnlyMemory<byte> bytes, TagNames names, int maximumPayload, out Envelope envelope)
    {
        envelope = default;
        var span = bytes.Span;
        var codec = (PayloadCodec)span[Codec];
        var life = BinaryPrimitives.ReadInt64LittleEndian(span[EnvelopeLayout.Life..]);
        var plainLength = BinaryPrimitives.ReadUInt32LittleEndian(span[PlainLength..]);
        if (codec > PayloadCodec.Brotli || life is < 0 or > long.MaxValue / TimeSpan.TicksPerMillisecond)
            return EnvelopeFault.Format;

        if (plainLength > (uint)maximumPayload)
            return EnvelopeFault.TooLarge;

        if (!TryReadTags(span, names, out var tags, out var payload))
            return EnvelopeFault.Tags;

        if (span.Length - payload < EnvelopeLayout.Identity)
            return EnvelopeFault.Length;

        var identity = BinaryPrimitives.ReadInt64LittleEndian(span[payload..]);
        if (!PayloadCompression.TryUnpack(codec, bytes[(payload + EnvelopeLayout.Identity)..], (int)plainLength, out var plain))
            return EnvelopeFault.Payload;

        envelope = new Envelope(default, 0, TimeSpan.FromMilliseconds(life), tags, plain)
        {
            ContentVersion = BinaryPrimitives.ReadInt64LittleEndian(span[EnvelopeLayout.ContentVersion..]),
            Identity = identity,
        };
        return EnvelopeFault.None;
    }

    private static bool TryReadEnding(ReadOnlySpan<byte> span, out long ends, out long confirmed)
    {
        confirmed = 0;
        return TryReadDigits(span[..EndDigits], out ends) && TryReadDigits(span.Slice(EndDigits, StampDigits), out confirmed)
            && !span[(EndDigits + StampDigits)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static bool TryReadDigits(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        return !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(digits, out number, out _);
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
        return TryReadDigits(span.Slice(EnvelopeLayout.Stamp, StampDigits), out stamp);
    }

    private static bool TryReadTags(ReadOnlySpan<byte> span, TagNames names, out string[] tags, out int payload)
    {
        tags = [];
        payload = EnvelopeLayout.Tags;
        int count = BinaryPrimitives.ReadUInt16BigEndian(span[TagCount..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(span[TagBytes..]);
        var rest = span[EnvelopeLayout.Tags..];
        if (count > MaximumTags || length > (uint)rest.Length || sizeof(ushort) * (long)count > length)
            return false;

        payload += (int)length;
        rest = rest[..(int)length];
        if (count == 0)
            return rest.IsEmpty;

        if (names.ListAt(rest) is { } list && list.Length == count && IsList(rest, list))
        {
            tags = list;
            return true;
        }

        return TryReadList(rest, names, tags = new string[count]);
    }

    /// <summary>Returns whether the bytes are exactly the tags of the list, in ASCII.</summary>
    private static bool IsList(ReadOnlySpan<byte> bytes, string[] list)
    {
        foreach (var tag in list)
        {
            if (bytes.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(bytes) is var size && size > bytes.Length - sizeof(ushort)
                || !Ascii.Equals(bytes.Slice(sizeof(ushort), size), tag))
            {
                return false;
            }

            bytes = bytes[(sizeof(ushort) + size)..];
        }

        return bytes.IsEmpty;
    }

    private static bool TryReadList(ReadOnlySpan<byte> bytes, TagNames names, string[] tags)
    {
        var rest = bytes;
        for (var i = 0; i < tags.Length; i++)
        {
            if (rest.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(rest) is var size && size > rest.Length - sizeof(ushort))
                return false;

            var tag = rest.Slice(sizeof(ushort), size);
            if (names.GetOrAdd(tag) is not { } name)
                return false;

            tags[i] = name;
            rest = rest[(sizeof(ushort) + size)..];
        }

        if (rest.IsEmpty)
            names.Add(bytes, tags);

        return rest.IsEmpty;
    }
}
