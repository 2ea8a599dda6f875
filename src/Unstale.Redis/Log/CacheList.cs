using System.Text;
using StackExchange.Redis;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>
/// Caches that have values on the server, as listed in the control hash. A key named by a record is removed from each of the caches. Scripts
/// receive the names of these values in the call, and refuse a call made for a different list.
/// </summary>
internal sealed class CacheList
{
    private readonly List<RedisKey> _prefixes = [];

    /// <param name="keys">Key names of the partition.</param>
    /// <param name="text">Names of the caches, percent-encoded and separated by spaces.</param>
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

    /// <summary>List as stored in the control hash, byte for byte. A call made for any other list is refused.</summary>
    public byte[] Text { get; }

    /// <summary>Returns the number of Redis keys in a call for the keys named by a record.</summary>
    public int Count(InvalidationRecord record)
    {
        var named = 0;
        foreach (ref readonly var target in record.Targets)
            named += target.Kind == TargetKind.Key ? 1 : 0;

        return named * _prefixes.Count;
    }

    /// <summary>Adds the value and the lease of each key named by the record, for each cache.</summary>
    public void AddKeys(RedisCall command, InvalidationRecord record)
    {
        foreach (ref readonly var target in record.Targets)
        {
            if (target.Kind == TargetKind.Key)
            {
                foreach (var prefix in _prefixes)
                    command.Key(prefix, target.Text);
            }
        }
    }
}
