using Unstale.Horizon;

namespace Unstale.Store;

/// <summary>
/// A cached value: also its own node in the hash table and in the eviction queue, so that an entry is one object. Links are
/// written under the horizon's lock; a reader may meet them while they move and then misses, no more.
/// </summary>
internal abstract class Entry(in EntryHead head) : Stamped(head.Key, head.Tags, head.Stamp, head.Epoch, head.BroadSeen)
{
    public readonly uint Hash = head.Hash;

    /// <summary>Next in the table's bucket.</summary>
    public Entry? Next;

    /// <summary>Towards the tail of the queue: inserted earlier.</summary>
    public Entry? Older;

    /// <summary>Towards the head of the queue: inserted later.</summary>
    public Entry? Newer;

    /// <summary>Past it, a read refreshes behind. Monotonic milliseconds; never above <see cref="ExpiresAt"/>.</summary>
    public readonly long FreshUntil = head.FreshUntil;

    // Half as large as the times themselves: exact up to some hours, then to a ten-millionth of the life.
    private readonly float _fresh = RoundedDown(head.FreshUntil - head.StoredAt);
    private readonly float _stale = RoundedDown(head.ExpiresAt - head.FreshUntil);

    /// <summary>Read since the eviction hand last passed. Racing writers all write true.</summary>
    public bool IsVisited;

    /// <summary>A refresh was started; two at once are one too many only for the time it takes to notice.</summary>
    public bool IsRefreshing;

    /// <summary>No longer in the table.</summary>
    public bool IsRemoved;

    /// <summary>A sweep has counted it as invalidated and left it for the one read that may still have it.</summary>
    public bool IsSpared;

    /// <summary>At it, the value is gone.</summary>
    public long ExpiresAt => FreshUntil + (long)_stale;

    /// <summary>When it came into memory.</summary>
    public long StoredAt => FreshUntil - (long)_fresh;

    /// <summary>What it retains beside a shared value, in bytes; an estimate.</summary>
    public virtual long Size => 128L + (Key.Length * sizeof(char));

    /// <summary>Too early is safe, too late is not.</summary>
    private static float RoundedDown(long milliseconds)
    {
        var near = (float)milliseconds;
        return (double)near > milliseconds ? MathF.BitDecrement(near) : near;
    }
}
