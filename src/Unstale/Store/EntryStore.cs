using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <summary>
/// What one cache holds in memory under one horizon: bounded by entries. Reads take no lock; writes share the horizon's, so that
/// "may this be kept" and the keeping are one step.
/// </summary>
internal sealed class EntryStore : IHorizonMember
{
    private readonly EntryTable _table = new();
    private readonly SieveQueue _queue = new();
    private readonly PartitionHorizon _horizon;
    private readonly int _capacity;
    private readonly CacheMetrics _metrics;
    private readonly RemovedEntries? _removed;
    private long _bytes;

    /// <param name="horizon">The horizon it obeys.</param>
    /// <param name="capacity">How many entries it holds at the most.</param>
    /// <param name="metrics">What is counted.</param>
    /// <param name="removed">Remembers what went; null where nobody will ask.</param>
    public EntryStore(PartitionHorizon horizon, int capacity, CacheMetrics metrics, RemovedEntries? removed = null)
    {
        _removed = removed;
        _horizon = horizon;
        _capacity = capacity;
        _metrics = metrics;
        lock (horizon.Gate)
            horizon.Add(this);
    }

    /// <summary>For the hit, which saves a step on its way.</summary>
    public EntryTable Table => _table;

    public int Count => _table.Count;

    public long Bytes => Volatile.Read(ref _bytes);

    public int Buckets => _table.Buckets;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry? Find(ReadOnlySpan<char> key) => _table.Find(key);

    public Entry? Find(in FillIdentity identity) => _table.Find(identity.Key, identity.Hash);

    /// <summary>Keeps an entry, in the place of the one under the same key; its tag set is the store's to release from now on.</summary>
    public void Put_NeedsLock(Entry entry)
    {
        if (_table.Find(entry.Key, entry.Hash) is { } old)
        {
            if (_horizon.View.IsValid(old))
                Remove_NeedsLock(old);
            else
                TakeInvalidated_NeedsLock(old);
        }

        while (_table.Count >= _capacity)
        {
            Remove_NeedsLock(_queue.Victim_NeedsLock()!, RemovalCause.EvictedForSize);
            _metrics.EvictedForSize(1);
        }

        _table.Add_NeedsLock(entry);
        _queue.Add_NeedsLock(entry);
        Volatile.Write(ref _bytes, _bytes + entry.Size);
    }

    /// <summary>Takes out an entry that is no newer than a value that does not take its place.</summary>
    public void Replace_NeedsLock(in FillIdentity identity, long stamp)
    {
        if (Find(identity) is { } entry && entry.Stamp <= stamp)
            Remove_NeedsLock(entry, RemovalCause.NotStored);
    }

    public int Drop(string key, long below)
    {
        if (_table.Find(key) is not { } entry || entry.Stamp >= below)
            return 0;
        Remove_NeedsLock(entry, RemovalCause.Invalidated);
        if (entry.IsSpared)
            return 0;
        _metrics.EntriesInvalidated(1);
        return 1;
    }

    /// <summary>Takes out an entry that a read found invalidated, but for one that may be served once more and is not to be by this read.</summary>
    /// <returns>True if this read may have it: it is gone, and so nobody else will.</returns>
    public bool TakeInvalidated(Entry entry, long now, bool mayServe)
    {
        lock (_horizon.Gate)
        {
            if (entry.IsRemoved)
                return false;
            var isSpared = IsSpared_NeedsLock(entry, now);
            if (isSpared && !mayServe)
                return false;
            TakeInvalidated_NeedsLock(entry);
            return isSpared;
        }
    }

    /// <summary>A sweep found it invalidated: it goes, or stays until it was served once more.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The time.</param>
    /// <param name="mayBeTakenLater">No mark of the pass took it: the one that did is on its way, or came since, and counts it in the next.</param>
    /// <returns>True if it is to be counted, which is once.</returns>
    public bool SweepInvalidated(Entry entry, long now, bool mayBeTakenLater)
    {
        lock (_horizon.Gate)
        {
            if (entry.IsRemoved)
                return false;
            var counts = !entry.IsSpared;
            if (counts && mayBeTakenLater && entry.Epoch == _horizon.View.Epoch)
                _horizon.Sweeps.Took(entry);
            if (IsSpared_NeedsLock(entry, now))
                entry.IsSpared = true;
            else
                Remove_NeedsLock(entry, RemovalCause.Invalidated);
            return counts;
        }
    }

    private bool IsSpared_NeedsLock(Entry entry, long now) =>
        entry.FreshUntil < entry.ExpiresAt && now < entry.ExpiresAt && _horizon.IsSpared(entry);

    private void TakeInvalidated_NeedsLock(Entry entry)
    {
        Remove_NeedsLock(entry, RemovalCause.Invalidated);
        if (entry.IsSpared)
            return;
        _metrics.EntriesInvalidated(1);
        _horizon.Sweeps.Took(entry);
    }

    /// <summary>What is remembered of the value of a key that went last.</summary>
    public RemovedEntry? LastRemoved_NeedsLock(string key) => _removed?.LastOf_NeedsLock(key);

    public bool ShowTrue(long now, Func<string, string[], bool> show)
    {
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            for (var entry = First(bucket); entry is not null; entry = entry.Next)
            {
                if (entry.ExpiresAt > now && _horizon.View.IsValid(entry) && !show(entry.Key, entry.Tags.Tags))
                    return false;
            }
        }

        return true;
    }

    public void Sweep(SweepBatch batch, long now) => new Sweep(this, _horizon.View, _metrics).Run(batch, now);

    /// <summary>Takes out an entry that has expired, if it is still there.</summary>
    public bool RemoveExpired(Entry entry)
    {
        lock (_horizon.Gate)
        {
            if (entry.IsRemoved)
                return false;
            Remove_NeedsLock(entry, RemovalCause.Expired);
            return true;
        }
    }

    /// <summary>Takes out an entry whose value cannot be read any more, if it is still there.</summary>
    public void RemoveUnreadable(Entry entry)
    {
        lock (_horizon.Gate)
        {
            if (!entry.IsRemoved)
                Remove_NeedsLock(entry);
        }
    }

    /// <summary>Lets go of everything, when the cache is disposed.</summary>
    public void Clear()
    {
        lock (_horizon.Gate)
        {
            while (_queue.Oldest is { } entry)
                Remove_NeedsLock(entry);
            _horizon.Remove(this);
        }
    }

    private void Remove_NeedsLock(Entry entry, RemovalCause cause)
    {
        _removed?.Note_NeedsLock(entry, cause);
        Remove_NeedsLock(entry);
    }

    private void Remove_NeedsLock(Entry entry)
    {
        entry.IsRemoved = true;
        _table.Remove_NeedsLock(entry);
        _queue.Remove_NeedsLock(entry);
        Volatile.Write(ref _bytes, _bytes - entry.Size);
        _horizon.Tags.Release(entry.Tags);
    }

    /// <summary>The entries of a bucket, without a lock: some that are moving meanwhile may be missed.</summary>
    public Entry? First(int bucket) => _table.First(bucket);
}
