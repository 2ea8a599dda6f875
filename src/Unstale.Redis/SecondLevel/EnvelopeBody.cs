using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using static Unstale.Redis.SecondLevel.EnvelopeLayout;

namespace Unstale.Redis.SecondLevel;

/// <summary>Part of a value provided by its writer: all fields except generation and stamp. Written directly into the argument of a command.</summary>
internal readonly struct EnvelopeBody
{
    private readonly IReadOnlyList<string> _tags;
    private readonly PackedPayload _payload;
    private readonly long _life;
    private readonly long _version;
    private readonly int _tagBytes;

    private EnvelopeBody(IReadOnlyList<string> tags, int tagBytes, PackedPayload payload, long life, long version)
    {
        _tags = tags;
        _tagBytes = tagBytes;
        _payload = payload;
        _life = life;
        _version = version;
    }

    /// <summary>Version of the payload's shape.</summary>
    public int ContentVersion { get; init; }

    /// <summary>Identifies the type of the value and its serializer.</summary>
    public long Identity { get; init; }

    /// <summary>Number of bytes from byte 52 on.</summary>
    public int Length => Tags - Front + _tagBytes + EnvelopeLayout.Identity + _payload.Bytes.Length;

    /// <summary>Creates a body. Returns false if the tags do not fit the format: too many, or one of more than 65,535 bytes.</summary>
    public static bool TryMake(IReadOnlyList<string> tags, PackedPayload payload, TimeSpan life, long version, out EnvelopeBody body)
    {
        body = default;
        if (tags.Count > MaximumTags)
            return false;

        var bytes = 0;
        for (var i = 0; i < tags.Count; i++)
        {
            var length = Encoding.UTF8.GetByteCount(tags[i]);
            if (length > ushort.MaxValue)
                return false;

            bytes += sizeof(ushort) + length;
        }

        body = new EnvelopeBody(tags, bytes, payload, (long)life.TotalMilliseconds, version);
        return true;
    }

    /// <summary>Writes the front of a value, as required by the script store_loaded.</summary>
    public static void WriteFront(Span<byte> target, Generation generation, long stamp)
    {
        Format.CopyTo(target);
        generation.Value.TryFormat(target[EnvelopeLayout.Generation..], out _, "x32", CultureInfo.InvariantCulture);
        stamp.TryFormat(target[Stamp..], out _, "D16", CultureInfo.InvariantCulture);
    }

    /// <summary>Writes the bytes from byte 52 on.</summary>
    public void Write(Span<byte> target)
    {
        target[Codec - Front] = (byte)_payload.Codec;
        target[Form - Front] = CurrentForm;
        BinaryPrimitives.WriteInt64LittleEndian(target[(Life - Front)..], _life);
        BinaryPrimitives.WriteInt64LittleEndian(target[(EnvelopeLayout.Version - Front)..], _version);
        BinaryPrimitives.WriteInt64LittleEndian(target[(EnvelopeLayout.ContentVersion - Front)..], ContentVersion);
        BinaryPrimitives.WriteInt32LittleEndian(target[(PlainLength - Front)..], _payload.PlainLength);
        BinaryPrimitives.WriteUInt16BigEndian(target[(TagCount - Front)..], (ushort)_tags.Count);
        BinaryPrimitives.WriteInt32BigEndian(target[(TagBytes - Front)..], _tagBytes);
        var rest = target[(Tags - Front)..];
        for (var i = 0; i < _tags.Count; i++)
        {
            var length = Encoding.UTF8.GetBytes(_tags[i], rest[sizeof(ushort)..]);
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)length);
            rest = rest[(sizeof(ushort) + length)..];
        }

        BinaryPrimitives.WriteInt64LittleEndian(rest, Identity);
        rest = rest[EnvelopeLayout.Identity..];
        _payload.Bytes.Span.CopyTo(rest);
        BinaryPrimitives.WriteUInt32LittleEndian(target, Crc32C.Compute(target[(Codec - Front)..]));
    }
}
