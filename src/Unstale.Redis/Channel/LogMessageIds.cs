using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Unstale.Redis.Channel;

/// <summary>
/// Ids of messages that tell others what a log has already: random UUIDs to the world, but the second half follows from the first and the
/// name of the log, so that every node of the log knows them, without being told and however late they come.
/// </summary>
/// <param name="log">Names the log among all on the server.</param>
internal sealed class LogMessageIds(string log)
{
    private const int Half = 8;

    /// <summary>The id of one of the messages that a record makes: the same each time.</summary>
    public string Of(long record, int part) => Make(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{log} {record} {part}"))));

    public string New() => Make(RandomNumberGenerator.GetBytes(Half));

    public bool IsOurs(string id) => Guid.TryParseExact(id, "D", out var guid) && Make(guid.ToByteArray(bigEndian: true)) == id;

    private string Make(ReadOnlySpan<byte> seed)
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
