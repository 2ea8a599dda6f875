namespace Unstale.Redis.Store;

/// <summary>
/// A stored value. Numbers are little-endian, except those of the tags: the scripts read them.
/// <code>
///   0   4   'UNS1'             format
///   4  32   generation         lower-case hexadecimal digits
///  36  16   stamp              decimal digits, zero-padded
///  52   4   checksum           CRC-32C of all from byte 56 to the end of the payload
///  56   1   codec              0 as it is, 1 Brotli
///  57   1   form               2: of what the scripts do not read; 1 ends with the payload
///  58   8   life               milliseconds, when it was stored: its age is that less what is left
///  66   8   version            of the source, 0 = none
///  74   8   content version    of the cache that stored it
///  82   4   length             of the payload before compression
///  86   2   number of tags     big-endian, 4,000 at most
///  88   4   length of tags     big-endian, bytes
///  92   …   tags               each: length in 2 bytes, big-endian, and UTF-8
///   …   8   identity           of the value's type and serializer
///   …   …   payload
///   …  16   end of life        decimal digits, milliseconds by the server's clock; this and the rest from form 2 on
///   …  16   confirmed          decimal digits: the sequence that the server found it true as of, by its tags
///   …   8   minute             decimal digits: when it did, by its clock
/// </code>
/// </summary>
/// <remarks>
/// Bytes 0 to 51, and the last 40, are no part of the checksum: scripts write them. A damaged generation is another one; a damaged sequence
/// that still is a number and not above what the reader has seen is not noticed.
/// </remarks>
internal static class EnvelopeLayout
{
    public const int Generation = 4;
    public const int GenerationDigits = 32;
    public const int Stamp = 36;
    public const int StampDigits = 16;

    /// <summary>What a set's script writes; the body follows.</summary>
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

    /// <summary>Bytes between tags and payload.</summary>
    public const int Identity = 8;

    /// <summary>What the scripts append: the end of its life, the sequence that it was confirmed as of, the minute.</summary>
    public const int Ending = 40;
    public const int EndDigits = 16;

    /// <summary>
    /// To a reader of a later one the value is a miss. The scripts of all read what stands before the tags, and the tags.
    /// </summary>
    public const byte CurrentForm = 2;

    /// <summary>Ends with its payload: the server has to say how long it lives.</summary>
    public const byte FormWithoutEnding = 1;

    /// <summary>What the scripts take at most.</summary>
    public const int MaximumTags = 4000;

    /// <summary>A payload, as it is and compressed, is never larger: 64 MB, the largest reply that the client takes.</summary>
    public const int MaximumPayload = 64 << 20;

    public static ReadOnlySpan<byte> Format => "UNS1"u8;
}
