using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Unstale.Redis.Channel;

/// <summary>
/// Ids of messages about changes that a log already has. The ids look like random UUIDs, but the second half is computed from the first half and the name
/// of the log, so every node of the log recognises the messages without communication and however late.
/// </summary>
/// <param name="log">Unique name of the log on the server.</param>
internal sealed class LogMessageIds(string log)
{
    private const int Half = 8;

    /// <summary>Returns the id of one of the messages of a record: the same at each call.</summary>
    public string ForRecord(long record, int part) => Format(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{log} {record} {part}"))));

    public string Create() => Format(RandomNumberGenerator.GetBytes(Half));

    public bool IsOurs(string id) => Guid.TryParseExact(id, "D", out var guid) && Format(guid.ToByteArray(bigEndian: true)) == id;

    private string Format(ReadOnlySpan<byte> seed)
    {
        Span<byte> bytes = stackalloc byte[2 * Half];
        seed[..Half].CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        var name = Encoding.UTF8.GetBytes(log);
        byte[] known = [.. bytes[..Half], .. name];
        SHA256.HashData(known).AsSpan(0, Half).CopyTo(bytes[Half..]);
        bytes[Half] = (byte)((bytes[Half] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
