using System.Security.Cryptography;
using System.Text;

namespace Unstale.Redis.Link;

/// <summary>A script that the server keeps under the hash of its source. A server that has lost it gets the source with the call.</summary>
internal sealed class RedisScript
{
    public RedisScript(string source)
    {
        Source = source;
        Sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(source)));
    }

    public string Source { get; }

    /// <summary>SHA-1 of the source in 40 hexadecimal digits, as EVALSHA takes it.</summary>
    public string Sha { get; }

    /// <summary>Whether a call of it that comes late could do harm or give out a position, so that an unknown outcome closes its connection.</summary>
    public bool IsFenced { get; init; }

    /// <summary>A call to be completed with its keys, and then its arguments.</summary>
    /// <param name="keys">How many keys there will be, for the call's first memory.</param>
    public RedisCall Command(int keys = 1) => RedisCall.Of(this, keys);
}
