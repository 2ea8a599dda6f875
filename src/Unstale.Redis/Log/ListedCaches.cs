using Unstale.Redis.Link;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>The list of caches that a script of this process met last. Another one is met when a cache gets its first value, or was not used for hours.</summary>
internal sealed class ListedCaches(RedisKeys keys)
{
    /// <summary>Calls that are made for one purpose. The list has to change between each two of them for the next one to be needed.</summary>
    public const int MostCalls = 8;

    private CacheList _current = new(keys, []);

    /// <summary>The list that was met last.</summary>
    public CacheList Current => Volatile.Read(ref _current);

    /// <summary>True if the script changed nothing because the log has another list, which is the current one from now on.</summary>
    public bool IsRefused(RedisReply reply)
    {
        if (reply is not { IsAggregate: true, Items: [{ Type: RedisReplyType.Bulk } list] } || list.Bytes.Length > RecordLimits.CacheListBytes)
        {
            return false;
        }

        if (!list.Bytes.AsSpan().SequenceEqual(Current.Text))
        {
            Volatile.Write(ref _current, new CacheList(keys, list.Bytes));
        }

        return true;
    }
}
