using System.Security.Cryptography;
using System.Text;

namespace Unstale.Redis.Connection;

/// <summary>Script that the server stores under the hash of the source. If the server has lost the script, the source is sent with the call.</summary>
internal sealed class RedisScript
{
    public RedisScript(string source)
    {
        Source = source;
        Sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(source)));
    }

    public string Source { get; }

    /// <summary>SHA-1 of the source in 40 hexadecimal digits, the format of EVALSHA.</summary>
    public string Sha { get; }

    /// <summary>Whether a late call could do harm or return a position, so that an unknown outcome closes the connection.</summary>
    public bool IsFenced { get; init; }

    /// <summary>Returns a call to which the keys, and then the arguments, are added.</summary>
    /// <param name="keys">Expected number of keys, for the initial capacity of the call.</param>
    public RedisCall Command(int keys = 1) => RedisCall.Create(this, keys);
}
