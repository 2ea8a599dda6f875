using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// A cached value. The entry is also a node of the hash table and of an eviction queue, so that each entry is a single object. Links are written
/// under the horizon's lock. A reader may see links while they change; the only consequence is a miss.
/// </summary>
internal abstract class Entry(in EntryHeader head) : StampedEntry(head.Key, head.Tags, head.Stamp, head.Epoch, head.SelectorsSeen)
{
    /// <summary>Number of reads up to which entries differ for the eviction.</summary>
    private const byte MaximumReads = 3;

    /// <summary>Size of the object with 88 bytes of fields, and the average share in the buckets of <see cref="EntryTable"/>, in bytes.</summary>
    private const long Frame = ObjectSize.Header + 88 + 12;

    public readonly uint Hash = head.Hash;

    /// <summary>Next entry in the bucket of the table.</summary>
    public Entry? Next;

    /// <summary>Neighbour towards the tail of the queue, inserted earlier.</summary>
    public Entry? Older;

    /// <summary>Neighbour towards the head of the queue, inserted later.</summary>
    public Entry? Newer;

    /// <summary>Time after which a read starts a background refresh, in monotonic milliseconds; never above <see cref="ExpiresAt"/>.</summary>
    public readonly long FreshUntil = head.FreshUntil;

    // Half the size of the times themselves: exact up to a few hours, beyond that to one ten-millionth of the lifetime.
    private readonly float _fresh = RoundedDown(head.FreshUntil - head.StoredAt);
    private readonly float _stale = RoundedDown(head.ExpiresAt - head.FreshUntil);

    /// <summary>
    /// Number of reads counted for the eviction, at most <see cref="MaximumReads"/>. Written without a lock: a racing read may be lost.
    /// </summary>
    public byte Reads;

    /// <summary>Whether a refresh was started. Set without a lock: a second refresh may be attempted until the first one is noticed.</summary>
    public bool IsRefreshing;

    // Place and whether the entry is spared share a byte, which makes room for the time of the fail-safe. Both are written under the horizon's lock.
    private const byte Spared = 0x80;
    private byte _place = (byte)head.Queue;
    private readonly byte _failSafe = FailSafeTime.Encode(head.FailSafeFor);

    /// <summary>Whether the entry has a value of the type, or its serialized form.</summary>
    public bool IsOf<T>() => this is ValueEntry<T> or PayloadEntry<T>;

    /// <summary>Place in the store.</summary>
    public EntryPlace Place
    {
        get => (EntryPlace)(_place & ~Spared);
        set => _place = (byte)((_place & Spared) | (byte)value);
    }

    /// <summary>Whether a sweep has counted the entry as invalidated and left the entry for the one read that may still serve the value.</summary>
    public bool IsSpared
    {
        get => (_place & Spared) != 0;
        set => _place = (byte)(value ? _place | Spared : _place & ~Spared);
    }

    public bool IsRemoved => Place == EntryPlace.Removed;

    /// <summary>Time at which the value expires, in monotonic milliseconds.</summary>
    public long ExpiresAt => FreshUntil + (long)_stale;

    /// <summary>Time until which memory keeps the value, for callers whose load fails; never below <see cref="ExpiresAt"/>.</summary>
    public long KeptUntil => ExpiresAt + FailSafeTime.Decode(_failSafe);

    /// <summary>Time at which the value was stored in memory, in monotonic milliseconds.</summary>
    public long StoredAt => FreshUntil - (long)_fresh;

    /// <summary>Memory retained by the entry and the key, and by a value of known size, in bytes. Tags are counted by <see cref="TagTable.Bytes"/>.</summary>
    public virtual long Size => Frame + ObjectSize.OfString(Key.Length);

    /// <summary>Counts a read. The only write of a hit, none on an entry read often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountRead()
    {
        var reads = Reads;
        if (reads < MaximumReads)
            Reads = (byte)(reads + 1);
    }

    /// <inheritdoc cref="HorizonView.StateOf(StampedEntry, long, long, long)"/>
    public EntryState StateIn(HorizonView view, long now) => view.StateOf(this, FreshUntil, ExpiresAt, now);

    /// <inheritdoc cref="HorizonView.StateOf(StampedEntry, long, long, MonotonicClock, out long)"/>
    public EntryState StateIn(HorizonView view, MonotonicClock clock, out long now) => view.StateOf(this, FreshUntil, ExpiresAt, clock, out now);

    /// <summary>Rounds down: an early time is safe, a late one is not.</summary>
    private static float RoundedDown(long milliseconds)
    {
        var near = (float)milliseconds;
        return (double)near > milliseconds ? MathF.BitDecrement(near) : near;
    }
}
