using System.Globalization;
using System.Text;

namespace Unstale.Redis.Scripts;

/// <summary>
/// The names of one partition of a log on the server. All share the part in braces, and so a slot of a cluster; what users name is
/// escaped, so that no name runs into another.
/// </summary>
internal sealed class RedisKeys
{
    /// <param name="prefix">What all names begin with.</param>
    /// <param name="log">The log.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="database">The database of the server. Keys belong to one by themselves; a channel is shared by all.</param>
    public RedisKeys(string prefix, string log, int partition, int database = 0)
    {
        Base = string.Create(CultureInfo.InvariantCulture, $"{{{Escape(prefix)}:{Escape(log)}:{partition}}}:");
        Control = Base + "ctl";
        Log = Base + "log";
        Tags0 = Base + "tags:0";
        Tags1 = Base + "tags:1";
        Versions0 = Base + "versions:0";
        Versions1 = Base + "versions:1";
        Sweep = Base + "sweep";
        Channel = database == 0 ? Base + "ch" : string.Create(CultureInfo.InvariantCulture, $"{Base}ch:{database}");
        Identity = database == 0 ? Base : string.Create(CultureInfo.InvariantCulture, $"{Base}{database}");
        ClaimsText = Base + "heard:";
        Claims = Encoding.UTF8.GetBytes(ClaimsText);
        Values = Base + "v:";
        Leases = Base + "l:";
    }

    /// <summary>What every name begins with.</summary>
    public string Base { get; }

    /// <summary>The hash that holds the log's state: the first key of every script.</summary>
    public string Control { get; }

    /// <summary>The stream of records.</summary>
    public string Log { get; }

    /// <summary>One of the two hashes of tags, which take turns.</summary>
    public string Tags0 { get; }

    /// <summary>The other hash of tags.</summary>
    public string Tags1 { get; }

    /// <summary>One of the two hashes of versions, which take turns.</summary>
    public string Versions0 { get; }

    /// <summary>The other hash of versions.</summary>
    public string Versions1 { get; }

    /// <summary>The token of the node that sweeps.</summary>
    public string Sweep { get; }

    /// <summary>The channel on which records are published. Names the database, because Pub/Sub is shared by all databases of a server.</summary>
    public string Channel { get; }

    /// <summary>What the claims of records that were heard elsewhere begin with.</summary>
    public byte[] Claims { get; }

    /// <summary>The same as text, for log lines.</summary>
    public string ClaimsText { get; }

    /// <summary>Names the log among all of the server, in any database.</summary>
    public string Identity { get; }

    /// <summary>What the values of all caches begin with.</summary>
    public string Values { get; }

    /// <summary>What the leases of all caches begin with.</summary>
    public string Leases { get; }

    /// <summary>What the values of one cache begin with; the key follows as it is.</summary>
    public string ValuesOf(string cache) => $"{Values}{Escape(cache)}:";

    /// <summary>What the leases of one cache begin with; the key follows as it is.</summary>
    public string LeasesOf(string cache) => $"{Leases}{Escape(cache)}:";

    /// <summary>Percent-encodes all but letters and digits of ASCII, '.', '_' and '-'.</summary>
    public static string Escape(string name)
    {
        var escaped = new StringBuilder(name.Length);
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'_' or (byte)'-')
            {
                escaped.Append((char)b);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return escaped.ToString();
    }
}
