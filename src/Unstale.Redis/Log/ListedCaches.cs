using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>Latest list of caches received from a script by this process. The list changes when a cache stores its first value or was not used for hours.</summary>
internal sealed class ListedCaches(RedisKeys keys)
{
    /// <summary>Maximum number of calls for one operation. Each further call is needed only if the list changes between two calls.</summary>
    public const int MostCalls = 8;

    private CacheList _current = new(keys, []);

    /// <summary>Latest list.</summary>
    public CacheList Current => Volatile.Read(ref _current);

    /// <summary>Returns true if the script changed nothing because the log has a different list, which is then the current list.</summary>
    public bool IsRefused(RedisReply reply)
    {
        if (reply is not { IsAggregate: true, Items: [{ Type: RedisReplyType.Bulk } list] } || list.Bytes.Length > RecordLimits.CacheListBytes)
            return false;

        if (!list.Bytes.AsSpan().SequenceEqual(Current.Text))
            Volatile.Write(ref _current, new CacheList(keys, list.Bytes));

        return true;
    }
}
