namespace Unstale.Redis.SecondLevel;

/// <summary>
/// Layout of a stored value. Numbers are little-endian, except those of the tags, which the scripts read.
/// <code>
///   0   4   'UNS1'             format
///   4  32   generation         lower-case hexadecimal digits
///  36  16   stamp              decimal digits, zero-padded
///  52   4   checksum           CRC-32C of all bytes from 56 to the end of the payload
///  56   1   codec              0 uncompressed, 1 Brotli
///  57   1   form               of the parts that the scripts do not read: 2; form 1 ends with the payload
///  58   8   life               milliseconds, at the time of storing: the age is life minus remaining life
///  66   8   version            of the source, 0 = none
///  74   8   content version    of the cache that stored the value
///  82   4   length             of the payload before compression
///  86   2   number of tags     big-endian, 4,000 at most
///  88   4   length of tags     big-endian, bytes
///  92   …   tags               each: length in 2 bytes, big-endian, and UTF-8
///   …   8   identity           of the value's type and serializer
///   …   …   payload
///   …  16   end of life        decimal digits, milliseconds by the server's clock; present from form 2 on, like the two fields below
///   …  16   confirmed          decimal digits: sequence as of which the server confirmed the value, by its tags
///   …   8   minute             decimal digits: time of the confirmation, by the server's clock
/// </code>
/// </summary>
/// <remarks>
/// Bytes 0 to 51 and the last 40 bytes are excluded from the checksum, because scripts write them. A damaged generation reads as another
/// generation. A damaged sequence is not detected if it is still a number and not above the newest sequence observed by the reader.
/// </remarks>
internal static class EnvelopeLayout
{
    public const int Generation = 4;
    public const int GenerationDigits = 32;
    public const int Stamp = 36;
    public const int StampDigits = 16;

    /// <summary>Number of bytes written by the script of a set. The body follows.</summary>
    public const int Front = 52;
    public const int Checksum = 52;
    public const int Codec = 56;
    public const int Form = 57;
    public const int Life = 58;
    public const int Version = 66;
    public const int ContentVersion = 74;
    public const int PlainLength = 82;
    public const int TagCount = 86;
    public const int TagBytes = 88;
    public const int Tags = 92;

    /// <summary>Number of bytes between tags and payload.</summary>
    public const int Identity = 8;

    /// <summary>Number of bytes appended by the scripts: end of life, confirmed sequence, minute.</summary>
    public const int Ending = 40;
    public const int EndDigits = 16;

    /// <summary>
    /// Current form. A value of a later form is a miss. In every form, the scripts read the tags and all fields before the tags.
    /// </summary>
    public const byte CurrentForm = 2;

    /// <summary>Form that ends with the payload. The remaining life is available only from the server.</summary>
    public const byte FormWithoutEnding = 1;

    /// <summary>Maximum number of tags accepted by the scripts.</summary>
    public const int MaximumTags = 4000;

    /// <summary>Maximum size of a payload, uncompressed and compressed, in bytes: 64 MB, the largest reply accepted by the client.</summary>
    public const int MaximumPayload = 64 << 20;

    public static ReadOnlySpan<byte> Format => "UNS1"u8;
}
