using System.Globalization;
using System.Text;

namespace Unstale.Redis.Scripts;

/// <summary>
/// The names of one partition of a log on the server. All share the part in braces, and so a slot of a cluster; what users name is
/// escaped, so that no name runs into another.
/// </summary>
internal sealed class RedisKeys
{
    public RedisKeys(string prefix, string log, int partition)
    {
        Base = string.Create(CultureInfo.InvariantCulture, $"{{{Escape(prefix)}:{Escape(log)}:{partition}}}:");
        Control = Base + "ctl";
        Channel = Base + "ch";
        Values = Base + "v:";
    }

    /// <summary>What every name begins with.</summary>
    public string Base { get; }

    /// <summary>The hash that holds the log's state: the first key of every script.</summary>
    public string Control { get; }

    /// <summary>Where records are published.</summary>
    public string Channel { get; }

    /// <summary>What the values of all caches begin with.</summary>
    public string Values { get; }

    /// <summary>What the values of one cache begin with; the key follows as it is.</summary>
    public string ValuesOf(string cache) => $"{Values}{Escape(cache)}:";

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
