using System.Runtime.CompilerServices;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// Hash table whose nodes are the entries. Readers need no lock. While the table grows, a reader may miss an existing entry; a miss looks again under
/// the lock before loading. Writers need the horizon's lock.
/// </summary>
/// <remarks>
/// A full table moves to twice as many buckets in steps of a bounded size, one with each added entry. The new buckets are allocated outside the lock,
/// by <see cref="Prepare"/>. Until all entries have moved, a reader who does not find a key in the new buckets looks into the old ones.
/// </remarks>
internal sealed class EntryTable
{
    /// <summary>Entries moved, or empty buckets passed, with each added entry.</summary>
    public const int StepsPerAdd = 16;

    private const int MinimumBuckets = 64;

    private Entry?[] _buckets = new Entry?[MinimumBuckets];
    private Entry?[]? _old;
    private Entry?[]? _spare;
    private Entry? _moving;
    private int _isPreparing;
    private int _moved;

    public int Count { get; private set; }

    public int Buckets => Volatile.Read(ref _buckets).Length;

    /// <summary>Whether entries have yet to be moved to the buckets of a grown table.</summary>
    public bool IsMoving => Volatile.Read(ref _old) is not null;

    /// <summary>Entry that is in no bucket, because it is being moved to the buckets of a grown table; null if there is none.</summary>
    public Entry? Moving => Volatile.Read(ref _moving);

    /// <summary>Number of entries moved and empty buckets passed so far.</summary>
    public long Steps { get; private set; }

    public Entry? Find(ReadOnlySpan<char> key) => Find(key, KeyHash.Compute(key));

    public Entry? Find(ReadOnlySpan<char> key, uint hash)
    {
        var buckets = Volatile.Read(ref _buckets);
        var entry = Volatile.Read(ref buckets[hash & (uint)(buckets.Length - 1)]);
        while (entry is not null)
        {
            if (entry.Hash == hash && key.SequenceEqual(entry.Key))
                return entry;
            entry = entry.Next;
        }

        // Old buckets are published before the new ones, so a reader of the new ones finds them.
        return Volatile.Read(ref _old) is { } old ? FindOld(old, key, hash) : null;
    }

    /// <summary>Enumerates the entries without a lock.</summary>
    public EntryWalk GetEnumerator() => new(this);

    /// <summary>Allocates the buckets of the next growth, if due. Called without the lock before an entry is added.</summary>
    public void Prepare()
    {
        var buckets = Volatile.Read(ref _buckets);
        if (Count < buckets.Length || Volatile.Read(ref _spare) is not null || IsMoving || Interlocked.Exchange(ref _isPreparing, 1) != 0)
            return;
        Volatile.Write(ref _spare, new Entry?[buckets.Length * 2]);
        Volatile.Write(ref _isPreparing, 0);
    }

    public void Add_NeedsLock(Entry entry)
    {
        if (_old is not null)
            Move();
        else if (Count >= _buckets.Length && Volatile.Read(ref _spare) is { } spare)
            Grow(spare);
        ref var bucket = ref BucketOf(_buckets, entry.Hash);
        entry.Next = bucket;
        Volatile.Write(ref bucket, entry);
        Count++;
    }

    public void Remove_NeedsLock(Entry entry)
    {
        if (!TryUnlink(_buckets, entry))
            TryUnlink(_old!, entry);
        Count--;
    }

    /// <summary>Returns the buckets from which an enumeration starts.</summary>
    public Entry?[] FirstBuckets()
    {
        // The new buckets are read first: if the table grows in between, the old ones are read.
        var newest = Volatile.Read(ref _buckets);
        return Volatile.Read(ref _old) ?? newest;
    }

    /// <summary>Returns the buckets to which entries may have moved from the given ones; null if there are none.</summary>
    public Entry?[]? BucketsAfter(Entry?[] buckets)
    {
        var newest = Volatile.Read(ref _buckets); // first, as in FirstBuckets
        var old = Volatile.Read(ref _old);
        if (newest == buckets)
            return null;
        return old is not null && old != buckets && old.Length > buckets.Length ? old : newest;
    }

    private static Entry? FindOld(Entry?[] old, ReadOnlySpan<char> key, uint hash)
    {
        var entry = Volatile.Read(ref BucketOf(old, hash));
        while (entry is not null && (entry.Hash != hash || !key.SequenceEqual(entry.Key)))
            entry = entry.Next;
        return entry;
    }

    private void Grow(Entry?[] spare)
    {
        _spare = null;

        // A thread may have prepared for a growth that had already begun.
        if (spare.Length <= _buckets.Length)
            return;
        _moved = 0;
        Volatile.Write(ref _old, _buckets);
        Volatile.Write(ref _buckets, spare);
    }

    private void Move()
    {
        var old = _old!;
        for (var step = 0; step < StepsPerAdd; step++)
        {
            Steps++;
            ref var first = ref old[_moved];
            if (first is { } entry)
            {
                // Removed from the old bucket first: a reader in between misses the entry, never the rest of the bucket.
                Volatile.Write(ref _moving, entry);
                Volatile.Write(ref first, entry.Next);
                ref var bucket = ref BucketOf(_buckets, entry.Hash);
                entry.Next = bucket;
                Volatile.Write(ref bucket, entry);
                Volatile.Write(ref _moving, null);
            }
            else if (++_moved == old.Length)
            {
                Volatile.Write(ref _old, null);
                return;
            }
        }
    }

    private static bool TryUnlink(Entry?[] buckets, Entry entry)
    {
        ref var link = ref BucketOf(buckets, entry.Hash);
        while (link is not null && link != entry)
            link = ref link.Next;
        if (link is null)
            return false;

        // The removed entry retains the link to the next, so a reader positioned on the entry can continue.
        Volatile.Write(ref link, entry.Next);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Entry? BucketOf(Entry?[] buckets, uint hash) => ref buckets[hash & (uint)(buckets.Length - 1)];
}
