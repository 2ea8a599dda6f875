using System.Runtime.CompilerServices;
using Unstale.Horizon;

namespace Unstale.Store;

/// <summary>
/// Hash table whose nodes are the entries. Readers need no lock. While the table grows, a reader may miss an existing entry; a miss looks again under
/// the lock before loading. Writers need the horizon's lock.
/// </summary>
internal sealed class EntryTable
{
    private const int MinimumBuckets = 64;

    private Entry?[] _buckets = new Entry?[MinimumBuckets];

    public int Count { get; private set; }

    public int Buckets => _buckets.Length;

    public Entry? Find(ReadOnlySpan<char> key) => Find(key, KeyHash.Of(key));

    public Entry? Find(ReadOnlySpan<char> key, uint hash)
    {
        var buckets = Volatile.Read(ref _buckets);
        var entry = Volatile.Read(ref buckets[hash & (uint)(buckets.Length - 1)]);
        while (entry is not null && (entry.Hash != hash || !key.SequenceEqual(entry.Key)))
            entry = entry.Next;
        return entry;
    }

    /// <summary>Returns the first entry of a bucket, to enumerate the table without a lock.</summary>
    public Entry? First(int bucket)
    {
        var buckets = Volatile.Read(ref _buckets);
        return bucket < buckets.Length ? Volatile.Read(ref buckets[bucket]) : null;
    }

    public void Add_NeedsLock(Entry entry)
    {
        if (Count >= _buckets.Length)
            Grow();
        ref var bucket = ref BucketOf(_buckets, entry.Hash);
        entry.Next = bucket;
        Volatile.Write(ref bucket, entry);
        Count++;
    }

    public void Remove_NeedsLock(Entry entry)
    {
        ref var link = ref BucketOf(_buckets, entry.Hash);
        while (link != entry)
            link = ref link!.Next;

        // The removed entry retains the link to the next, so a reader positioned on the entry can continue.
        Volatile.Write(ref link, entry.Next);
        Count--;
    }

    private void Grow()
    {
        var grown = new Entry?[_buckets.Length * 2];
        foreach (var first in _buckets)
        {
            for (var entry = first; entry is not null;)
            {
                var next = entry.Next;
                ref var bucket = ref BucketOf(grown, entry.Hash);
                entry.Next = bucket;
                bucket = entry;
                entry = next;
            }
        }

        Volatile.Write(ref _buckets, grown);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Entry? BucketOf(Entry?[] buckets, uint hash) => ref buckets[hash & (uint)(buckets.Length - 1)];
}
