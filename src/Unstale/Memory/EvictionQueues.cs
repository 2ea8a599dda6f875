namespace Unstale.Memory;

/// <summary>
/// Eviction after S3-FIFO (Yang et al., SOSP 2023). A new entry enters a small queue and leaves the queue to the main queue if read in the meantime,
/// otherwise to the ghosts. A key found among the ghosts enters the main queue at once. A hit increments a counter of the entry and moves nothing.
/// Needs the horizon's lock.
/// </summary>
/// <remarks>
/// Unlike the paper, an entry enters the full main queue only in place of an entry not read since its last turn, and at most
/// <see cref="MainSteps"/> entries are examined for one. So the work per eviction is bounded, and a loop larger than the cache cannot replace
/// entries that are read once per turn of the loop. Entries with a priority of their own are in other queues: low before these two, high after them,
/// and pinned entries are not evicted.
/// </remarks>
internal sealed class EvictionQueues
{
    /// <summary>Entries that one eviction moves to the main queue at most. The next one is evicted even if read.</summary>
    public const int MaximumPromotions = 16;

    /// <summary>Entries of the main queue examined in search of one not read.</summary>
    public const int MainSteps = 3;

    /// <summary>Share of the small queue in the capacity: one in 20.</summary>
    private const int SmallShare = 20;

    /// <summary>Size below that of any entry, in bytes. Bounds the ghosts of a store with a limit in bytes.</summary>
    private const int LeastEntry = 128;

    private readonly EntryQueue _small;
    private readonly EntryQueue _main;
    private readonly EntryQueue _low;
    private readonly EntryQueue _high;
    private readonly EntryQueue _pinned;
    private readonly GhostTable _ghosts;
    private readonly int _mainCapacity;
    private readonly long _mainBytes;

    /// <param name="capacity">Maximum number of entries.</param>
    /// <param name="bytes">Maximum size of the entries; <see cref="long.MaxValue"/> for none.</param>
    /// <param name="sizes">Sizes of the entries; null without a maximum.</param>
    public EvictionQueues(int capacity, long bytes = long.MaxValue, EntrySizes? sizes = null)
    {
        _mainCapacity = capacity - Math.Max(1, capacity / SmallShare);
        _mainBytes = bytes - (bytes / SmallShare);
        _ghosts = new GhostTable((int)Math.Min(_mainCapacity, bytes / LeastEntry));
        (_small, _main, _low) = (new(EntryPlace.Small, sizes), new(EntryPlace.Main, sizes), new(EntryPlace.Low, sizes));
        (_high, _pinned) = (new(EntryPlace.High, sizes), new(EntryPlace.Pinned, sizes));
    }

    /// <summary>Any stored entry; null if there is none.</summary>
    public Entry? Any => _small.Oldest ?? _main.Oldest ?? _low.Oldest ?? _high.Oldest ?? _pinned.Oldest;

    /// <summary>Number of entries examined for evictions so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Number and size of the entries that are not evicted.</summary>
    public (int Count, long Bytes) Pinned => (_pinned.Count, _pinned.Bytes);

    private bool IsMainFull => _main.Count >= _mainCapacity || _main.Bytes >= _mainBytes;

    public void Add_NeedsLock(Entry entry)
    {
        if (entry.Place != EntryPlace.None)
        {
            QueueOf(entry.Place).Add_NeedsLock(entry);
        }
        else if (!IsMainFull && _ghosts.Contains_NeedsLock(entry.Hash))
        {
            _ghosts.Remove_NeedsLock(entry.Hash);
            _main.Add_NeedsLock(entry);
        }
        else
        {
            _small.Add_NeedsLock(entry);
        }
    }

    /// <summary>Removes an entry. The key of one that was read becomes a ghost, so that a value loaded after an invalidation keeps the place.</summary>
    public void Remove_NeedsLock(Entry entry)
    {
        if (entry.Reads > 0)
            _ghosts.Add_NeedsLock(entry.Hash);
        QueueOf(entry.Place).Remove_NeedsLock(entry);
        entry.Place = EntryPlace.Removed;
    }

    /// <summary>Returns the entry to evict for a new one, without removing the entry; null if all entries are pinned.</summary>
    /// <param name="hash">Hash of the key of the new entry.</param>
    public Entry? Victim_NeedsLock(uint hash)
    {
        if (_low.Oldest is not { } low)
            return Normal_NeedsLock(hash) ?? Unread_NeedsLock(_high) ?? _high.Oldest;
        Steps++;
        return low;
    }

    private Entry? Normal_NeedsLock(uint hash)
    {
        if (IsMainFull && _ghosts.Contains_NeedsLock(hash) && Unread_NeedsLock(_main) is { } unread)
            return unread;
        for (var promotions = 0; _small.Oldest is { } oldest; promotions++)
        {
            Steps++;
            if (oldest.Reads == 0)
                _ghosts.Add_NeedsLock(oldest.Hash);
            if (oldest.Reads == 0 || promotions == MaximumPromotions)
                return oldest;
            var replaced = IsMainFull ? Unread_NeedsLock(_main) : null;
            if (IsMainFull && replaced is null)
                return oldest;
            Promote_NeedsLock(oldest);
            if (replaced is not null)
                return replaced;
        }

        // The small queue may be empty: entries differ in size, and other queues hold a part of the capacity.
        return Unread_NeedsLock(_main) ?? _main.Oldest;
    }

    private void Promote_NeedsLock(Entry entry)
    {
        _small.Remove_NeedsLock(entry);
        entry.Reads = 0;
        _main.Add_NeedsLock(entry);
    }

    /// <summary>Returns an old entry of a queue not read since its last turn; null if the entries examined were all read.</summary>
    private Entry? Unread_NeedsLock(EntryQueue queue)
    {
        for (var step = 0; step < MainSteps && queue.Oldest is { } oldest; step++)
        {
            Steps++;
            var reads = oldest.Reads;
            if (reads == 0)
                return oldest;
            oldest.Reads = (byte)(reads - 1);
            queue.Remove_NeedsLock(oldest);
            queue.Add_NeedsLock(oldest);
        }

        return null;
    }

    private EntryQueue QueueOf(EntryPlace place) => place switch
    {
        EntryPlace.Main => _main,
        EntryPlace.Low => _low,
        EntryPlace.High => _high,
        EntryPlace.Pinned => _pinned,
        _ => _small,
    };
}
