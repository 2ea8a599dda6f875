using System.Text;
using StackExchange.Redis;
using Unstale.Log;
using Unstale.Redis.Link;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>
/// The caches that have values on the server, as the control hash lists them: a key that a record names is removed from each. Scripts take the
/// names of those values from the call, and refuse a call that was made for another list.
/// </summary>
internal sealed class CacheList
{
    private readonly List<RedisKey> _prefixes = [];

    /// <param name="keys">The names of the partition.</param>
    /// <param name="text">The names of the caches, percent-encoded, with spaces between.</param>
    public CacheList(RedisKeys keys, byte[] text)
    {
        Text = text;
        foreach (var range in text.AsSpan().Split((byte)' '))
        {
            var cache = text[range];
            if (cache.Length > 0)
            {
                _prefixes.Add((byte[])[.. Encoding.UTF8.GetBytes(keys.Values), .. cache, (byte)':']);
                _prefixes.Add((byte[])[.. Encoding.UTF8.GetBytes(keys.Leases), .. cache, (byte)':']);
            }
        }
    }

    /// <summary>The list as the control hash holds it, byte for byte: a call for any other list is refused.</summary>
    public byte[] Text { get; }

    /// <summary>Number of keys that a call has for the keys that a record names.</summary>
    public int Count(InvalidationRecord record)
    {
        var named = 0;
        foreach (ref readonly var target in record.Targets)
        {
            named += target.Kind == TargetKind.Key ? 1 : 0;
        }

        return named * _prefixes.Count;
    }

    /// <summary>Adds value and lease of each key that the record names, in each cache.</summary>
    public void AddKeys(RedisCall command, InvalidationRecord record)
    {
        foreach (ref readonly var target in record.Targets)
        {
            if (target.Kind == TargetKind.Key)
            {
                foreach (var prefix in _prefixes)
                {
                    command.Key(prefix, target.Text);
                }
            }
        }
    }
}
