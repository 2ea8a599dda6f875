using System.Globalization;
using System.Text;

namespace Unstale.Redis.Scripts;

/// <summary>
/// Key names of one partition of a log on the server. All names share the part in braces, and therefore a slot of a cluster. Names chosen by users
/// are escaped, so that names cannot collide.
/// </summary>
internal sealed class RedisKeys
{
    /// <param name="prefix">Prefix of all names.</param>
    /// <param name="log">Name of the log.</param>
    /// <param name="partition">Number of the partition.</param>
    /// <param name="database">Database of the server. Keys belong to one database; a channel is shared by all databases.</param>
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

    /// <summary>Common prefix of all names.</summary>
    public string Base { get; }

    /// <summary>Hash that contains the state of the log; the first key of every script.</summary>
    public string Control { get; }

    /// <summary>Stream of records.</summary>
    public string Log { get; }

    /// <summary>First of two tag hashes, which are used in turn.</summary>
    public string Tags0 { get; }

    /// <summary>Second tag hash.</summary>
    public string Tags1 { get; }

    /// <summary>First of two version hashes, which are used in turn.</summary>
    public string Versions0 { get; }

    /// <summary>Second version hash.</summary>
    public string Versions1 { get; }

    /// <summary>Key with the token of the sweeping node.</summary>
    public string Sweep { get; }

    /// <summary>Channel on which records are published. Contains the database if not 0, because all databases of a server share Pub/Sub.</summary>
    public string Channel { get; }

    /// <summary>Prefix of the claims of records made from received messages.</summary>
    public byte[] Claims { get; }

    /// <summary>Same as <see cref="Claims"/>, as text for log lines.</summary>
    public string ClaimsText { get; }

    /// <summary>Name of the log that is unique on the server, in any database.</summary>
    public string Identity { get; }

    /// <summary>Common prefix of the values of all caches.</summary>
    public string Values { get; }

    /// <summary>Common prefix of the leases of all caches.</summary>
    public string Leases { get; }

    /// <summary>Returns the prefix of the values of one cache. The unescaped key follows.</summary>
    public string ValuesOf(string cache) => $"{Values}{Escape(cache)}:";

    /// <summary>Returns the prefix of the leases of one cache. The unescaped key follows.</summary>
    public string LeasesOf(string cache) => $"{Leases}{Escape(cache)}:";

    /// <summary>Percent-encodes all characters except ASCII letters and digits, '.', '_' and '-'.</summary>
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
