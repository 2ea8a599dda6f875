using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>Stored value, read by the offsets in the table of docs/wire-format.md.</summary>
internal sealed class BareValue
{
    private static readonly string[][] Layout = WirePage.Rows("envelope");

    private readonly byte[] _bytes;

    /// <summary>Reads a value as stored, including the part appended by the scripts.</summary>
    public BareValue(string bytes)
    {
        _bytes = Encoding.Latin1.GetBytes(bytes);
        (Ends, Confirmed, Minute) = (Ending("end of the life", "confirmed", "the minute"), Ending("confirmed", "the minute"), Ending("the minute"));
        _bytes = _bytes[..^(Length("end of the life") + Length("confirmed") + Length("the minute"))];
    }

    private BareValue(byte[] bytes) => _bytes = bytes;

    public string Format => Text("`UNS1`");

    public string Generation => Text("generation");

    public long Stamp => long.Parse(Text("stamp"), CultureInfo.InvariantCulture);

    public uint Checksum => BinaryPrimitives.ReadUInt32LittleEndian(Field("CRC-32C"));

    public long Ends { get; }

    public long Confirmed { get; }

    public long Minute { get; }

    public int Codec => Field("codec")[0];

    public long Life => BinaryPrimitives.ReadInt64LittleEndian(Field("life"));

    public int PlainLength => BinaryPrimitives.ReadInt32LittleEndian(Field("length of the payload"));

    public uint Computed => Crc32C(_bytes.AsSpan(Offset("codec")));

    public List<string> Tags
    {
        get
        {
            var tags = new List<string>();
            var rest = _bytes.AsSpan(Offset("the tags"));
            for (var left = BinaryPrimitives.ReadUInt16BigEndian(Field("number of tags")); left > 0; left--)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
                tags.Add(Encoding.UTF8.GetString(rest.Slice(2, length)));
                rest = rest[(2 + length)..];
            }

            return tags;
        }
    }

    public long Identity => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(AfterTags));

    public string Payload => Encoding.UTF8.GetString(_bytes.AsSpan(AfterTags + IdentityLength));

    private static int IdentityLength => int.Parse(Row("[identity]")[1], CultureInfo.InvariantCulture);

    private int AfterTags => Offset("the tags") + BinaryPrimitives.ReadInt32BigEndian(Field("bytes of the tags"));

    public static long IdentityOf(string serializer, string type) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{serializer}\n{type}")));

    public static BareValue Make(string generation, long stamp, long life, string tag, string payload)
    {
        var (tags, text) = (Encoding.UTF8.GetBytes(tag), Encoding.UTF8.GetBytes(payload));
        var value = new BareValue(new byte[Offset("the tags") + 2 + tags.Length + IdentityLength + text.Length]);
        Encoding.ASCII.GetBytes($"UNS1{generation}{stamp:D16}", value._bytes);
        BinaryPrimitives.WriteInt64LittleEndian(value.Field("life"), life);
        BinaryPrimitives.WriteInt32LittleEndian(value.Field("length of the payload"), text.Length);
        BinaryPrimitives.WriteUInt16BigEndian(value.Field("number of tags"), 1);
        BinaryPrimitives.WriteInt32BigEndian(value.Field("bytes of the tags"), 2 + tags.Length);
        var rest = value._bytes.AsSpan(Offset("the tags"));
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)tags.Length);
        tags.CopyTo(rest[2..]);
        BinaryPrimitives.WriteInt64LittleEndian(rest[(2 + tags.Length)..], IdentityOf("text", "System.String, System.Private.CoreLib"));
        text.CopyTo(rest[(2 + tags.Length + IdentityLength)..]);
        value.Field("form")[0] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(value.Field("CRC-32C"), value.Computed);
        return value;
    }

    public override string ToString() => Encoding.Latin1.GetString(_bytes);

    private string Text(string what) => Encoding.ASCII.GetString(Field(what));

    private Span<byte> Field(string what)
    {
        var row = Row(what);
        return _bytes.AsSpan(int.Parse(row[0], CultureInfo.InvariantCulture), int.Parse(row[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Returns the first of the fields at the end.</summary>
    private long Ending(params string[] fields) =>
        long.Parse(Encoding.ASCII.GetString(_bytes.AsSpan(_bytes.Length - fields.Sum(Length), Length(fields[0]))), CultureInfo.InvariantCulture);

    private static int Length(string what) => int.Parse(Row(what)[1], CultureInfo.InvariantCulture);

    private static int Offset(string what) => int.Parse(Row(what)[0], CultureInfo.InvariantCulture);

    private static string[] Row(string what) => Layout.Single(row => row[2].StartsWith(what, StringComparison.Ordinal));

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }

        return ~crc;
    }
}
