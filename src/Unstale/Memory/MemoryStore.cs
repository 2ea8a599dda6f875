using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// Entries of one cache in memory under one horizon, limited in number and in size. Reads need no lock. Writes share the horizon's lock, so that the
/// check whether a value may be stored and the storing are one step.
/// </summary>
internal sealed class MemoryStore : ILocalStore
{
    private readonly EntryTable _table = new();
    private readonly EvictionQueues _queues;
    private readonly PartitionHorizon _horizon;
    private readonly int _capacity;
    private readonly long _maximumBytes;
    private readonly EntrySizes? _sizes;
    private readonly CacheMetrics _metrics;
    private readonly RemovedEntries? _removed;
    private long _bytes;

    /// <param name="horizon">Horizon to which the store belongs.</param>
    /// <param name="capacity">Maximum number of entries.</param>
    /// <param name="metrics">Metrics of the cache.</param>
    /// <param name="removed">Record of recent removals; null if removals are never queried.</param>
    /// <param name="maximumBytes">Maximum size of the entries and their tags; null for none.</param>
    public MemoryStore(PartitionHorizon horizon, int capacity, CacheMetrics metrics, RemovedEntries? removed = null, long? maximumBytes = null)
    {
        _removed = removed;
        _horizon = horizon;
        _capacity = capacity;
        _maximumBytes = maximumBytes ?? long.MaxValue;
        _sizes = maximumBytes is null ? null : new EntrySizes();
        _queues = new EvictionQueues(capacity, _maximumBytes, _sizes);
        _metrics = metrics;
        lock (horizon.Gate)
            horizon.Add(this);
    }

    /// <summary>Table of the entries, for the hit path, which saves one call.</summary>
    public EntryTable Table => _table;

    public int Count => _table.Count;

    /// <summary>Memory retained by the entries, and their part of the tags, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_horizon.Gate)
                return _bytes + TagBytes_NeedsLock();
        }
    }

    /// <summary>Part of this store in the tags of the horizon, in proportion to the entries: stores share tags.</summary>
    private long TagBytes_NeedsLock()
    {
        var (all, bytes) = (_horizon.EntryCount, _horizon.Tags.Bytes);
        return all == Count ? bytes : (long)((double)bytes * Count / all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry? Find(ReadOnlySpan<char> key) => _table.Find(key);

    public Entry? Find(string key, uint hash) => _table.Find(key, hash);

    /// <summary>Allocates outside the lock what storing an entry would allocate under the lock.</summary>
    public void Prepare()
    {
        if (_table.Count < _capacity)
            _table.Prepare();
    }

    /// <summary>Stores an entry in place of the one with the same key. From now on the store owns the tag set and must release the set.</summary>
    /// <param name="entry">Entry to store.</param>
    /// <param name="valueSize">Size of a value that the entry cannot measure, in bytes; 0 for all others.</param>
    /// <returns>False if entries that are not evicted leave no room. The entry is then not stored.</returns>
    public bool Put_NeedsLock(Entry entry, long valueSize = 0)
    {
        if (_table.Find(entry.Key, entry.Hash) is { } old)
        {
            if (_horizon.View.IsValid(old))
                Remove_NeedsLock(old);
            else
                RemoveInvalidated_NeedsLock(old);
        }

        if (valueSize > 0)
            _sizes?.Add_NeedsLock(entry, valueSize);
        var size = SizeOf_NeedsLock(entry);
        if (!MakeRoom_NeedsLock(entry.Hash, size))
        {
            _sizes?.Remove_NeedsLock(entry);
            entry.Place = EntryPlace.Removed;
            _horizon.Tags.Release(entry.Tags);
            _metrics.EvictedForSize(1);
            return false;
        }

        _table.Add_NeedsLock(entry);
        _queues.Add_NeedsLock(entry);
        _bytes += size;
        return true;
    }

    private long SizeOf_NeedsLock(Entry entry) => _sizes?.Of_NeedsLock(entry) ?? entry.Size;

    /// <summary>Evicts entries until one more fits. Evicts nothing for an entry that cannot fit.</summary>
    private bool MakeRoom_NeedsLock(uint hash, long size)
    {
        var pinned = _queues.Pinned;
        if (pinned.Count >= _capacity || size > _maximumBytes - pinned.Bytes)
            return false;
        while (_table.Count >= _capacity || (_sizes is not null && _bytes + size + TagBytes_NeedsLock() > _maximumBytes))
        {
            if (_queues.Victim_NeedsLock(hash) is not { } victim)
                return false;
            Remove_NeedsLock(victim, RemovalCause.EvictedForSize);
            _metrics.EvictedForSize(1);
        }

        return true;
    }

    /// <summary>Removes an entry that is no newer than <paramref name="stamp"/>, the stamp of a value not stored in its place.</summary>
    public void Replace_NeedsLock(string key, uint hash, long stamp)
    {
        if (Find(key, hash) is { } entry && entry.Stamp <= stamp)
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

    /// <summary>Removes an entry found invalidated by a read, except an entry that may be served once more but not by this read.</summary>
    /// <returns>True if this read may serve the entry. No other read can serve the entry, because it is removed.</returns>
    public bool RemoveInvalidated(Entry entry, long now, bool mayServe)
    {
        lock (_horizon.Gate)
        {
            if (entry.IsRemoved)
                return false;
            var isSpared = IsSpared_NeedsLock(entry, now);
            if (isSpared && !mayServe)
                return false;
            RemoveInvalidated_NeedsLock(entry);
            return isSpared;
        }
    }

    /// <summary>Removes an entry found invalidated by a sweep, or leaves the entry until a read has served it once more.</summary>
    /// <param name="entry">Entry found invalidated.</param>
    /// <param name="now">Current time, in monotonic milliseconds.</param>
    /// <param name="mayBeTakenLater">
    /// Whether the next pass may count the entry: no mark of this pass matches, because the matching one is pending or was added since.
    /// </param>
    /// <returns>True if the caller must count the entry; true only once per entry.</returns>
    public bool SweepInvalidated(Entry entry, long now, bool mayBeTakenLater)
    {
        lock (_horizon.Gate)
        {
            if (entry.IsRemoved)
                return false;
            var counts = !entry.IsSpared;
            if (counts && mayBeTakenLater && entry.Epoch == _horizon.View.Epoch)
                _horizon.Sweeps.AddRemoved(entry);
            if (IsSpared_NeedsLock(entry, now))
                entry.IsSpared = true;
            else
                Remove_NeedsLock(entry, RemovalCause.Invalidated);
            return counts;
        }
    }

    private bool IsSpared_NeedsLock(Entry entry, long now) =>
        entry.FreshUntil < entry.ExpiresAt && now < entry.ExpiresAt && _horizon.IsSpared(entry);

    private void RemoveInvalidated_NeedsLock(Entry entry)
    {
        Remove_NeedsLock(entry, RemovalCause.Invalidated);
        if (entry.IsSpared)
            return;
        _metrics.EntriesInvalidated(1);
        _horizon.Sweeps.AddRemoved(entry);
    }

    /// <summary>Returns the last recorded removal of a key; null if there is none.</summary>
    public RemovedEntry? LastRemoved_NeedsLock(string key) => _removed?.LastOf_NeedsLock(key);

    public bool VisitValid(long now, Func<string, string[], bool> show)
    {
        foreach (var entry in _table)
        {
            if (entry.StateIn(_horizon.View, now) is not (EntryState.Invalidated or EntryState.Expired) && !show(entry.Key, entry.Tags.Tags))
                return false;
        }

        return true;
    }

    public void Sweep(SweepQueue batch, long now) => new Sweep(this, _horizon.View, _metrics).Run(batch, now);

    /// <summary>Removes an expired entry, unless already removed.</summary>
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

    /// <summary>Removes an entry whose value can no longer be read, unless already removed.</summary>
    public void RemoveUnreadable(Entry entry)
    {
        lock (_horizon.Gate)
        {
            if (!entry.IsRemoved)
                Remove_NeedsLock(entry);
        }
    }

    /// <summary>Removes all entries, and the store from the horizon, when the cache is disposed.</summary>
    public void Clear()
    {
        lock (_horizon.Gate)
        {
            while (_queues.Any is { } entry)
                Remove_NeedsLock(entry);
            _horizon.Remove(this);
        }
    }

    private void Remove_NeedsLock(Entry entry, RemovalCause cause)
    {
        _removed?.Note_NeedsLock(entry, cause);
        if (_metrics.Events.Wants(CacheEventKind.Removed))
            _metrics.Events.Raise(CacheEventKind.Removed, new CacheRemovalEventArgs(entry.Key, DependencyTag.TagsOf(entry.Tags.Tags), entry.IsSpared ? RemovalCause.Invalidated : cause));
        Remove_NeedsLock(entry);
    }

    private void Remove_NeedsLock(Entry entry)
    {
        _table.Remove_NeedsLock(entry);
        _queues.Remove_NeedsLock(entry);
        _bytes -= SizeOf_NeedsLock(entry);
        _sizes?.Remove_NeedsLock(entry);
        _horizon.Tags.Release(entry.Tags);
    }
}
