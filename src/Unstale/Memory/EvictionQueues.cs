namespace Unstale.Memory;

/// <summary>
/// Eviction after S3-FIFO (Yang et al., SOSP 2023). A new entry enters a small queue and leaves the queue to the main queue if read in the meantime,
/// otherwise to the ghosts. A key found among the ghosts enters the main queue at once. A hit increments a counter of the entry and moves nothing.
/// Needs the horizon's lock.
/// </summary>
/// <remarks>
/// Unlike the paper, an entry enters the full main queue only in place of an entry not read since its last turn, and at most
/// <see cref="MainSteps"/> entries are examined for one. So the work per eviction is bounded, and a loop larger than the cache cannot replace
/// entries that are read once per turn of the loop.
/// </remarks>
internal sealed class EvictionQueues
{
    /// <summary>Entries that one eviction moves to the main queue at most. The next one is evicted even if read.</summary>
    public const int MaximumPromotions = 16;

    /// <summary>Entries of the main queue examined in search of one not read.</summary>
    public const int MainSteps = 3;

    /// <summary>Share of the small queue in the capacity: one in 20.</summary>
    private const int SmallShare = 20;

    private readonly EntryQueue _small = new(EntryPlace.Small);
    private readonly EntryQueue _main = new(EntryPlace.Main);
    private readonly GhostTable _ghosts;
    private readonly int _mainCapacity;

    /// <param name="capacity">Maximum number of entries.</param>
    public EvictionQueues(int capacity)
    {
        _mainCapacity = capacity - Math.Max(1, capacity / SmallShare);
        _ghosts = new GhostTable(_mainCapacity);
    }

    /// <summary>Any stored entry; null if there is none.</summary>
    public Entry? Any => _small.Oldest ?? _main.Oldest;

    /// <summary>Number of entries examined for evictions so far.</summary>
    public long Steps { get; private set; }

    private bool IsMainFull => _main.Count >= _mainCapacity;

    public void Add_NeedsLock(Entry entry)
    {
        if (!IsMainFull && _ghosts.Contains_NeedsLock(entry.Hash))
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
        (entry.Place == EntryPlace.Main ? _main : _small).Remove_NeedsLock(entry);
        entry.Place = EntryPlace.Removed;
    }

    /// <summary>Returns the entry to evict for a new one, without removing the entry. The queues must be full.</summary>
    /// <param name="hash">Hash of the key of the new entry.</param>
    public Entry Victim_NeedsLock(uint hash)
    {
        if (IsMainFull && _ghosts.Contains_NeedsLock(hash) && Unread_NeedsLock() is { } unread)
            return unread;
        for (var promotions = 0; ; promotions++)
        {
            // The main queue is smaller than the cache, so the small queue of a full cache is not empty.
            var oldest = _small.Oldest!;
            Steps++;
            if (oldest.Reads == 0)
                _ghosts.Add_NeedsLock(oldest.Hash);
            if (oldest.Reads == 0 || promotions == MaximumPromotions)
                return oldest;
            var replaced = IsMainFull ? Unread_NeedsLock() : null;
            if (IsMainFull && replaced is null)
                return oldest;
            Promote_NeedsLock(oldest);
            if (replaced is not null)
                return replaced;
        }
    }

    private void Promote_NeedsLock(Entry entry)
    {
        _small.Remove_NeedsLock(entry);
        entry.Reads = 0;
        _main.Add_NeedsLock(entry);
    }

    /// <summary>Returns an old entry of the main queue not read since its last turn; null if the entries examined were all read.</summary>
    private Entry? Unread_NeedsLock()
    {
        for (var step = 0; step < MainSteps && _main.Oldest is { } oldest; step++)
        {
            Steps++;
            var reads = oldest.Reads;
            if (reads == 0)
                return oldest;
            oldest.Reads = (byte)(reads - 1);
            _main.Remove_NeedsLock(oldest);
            _main.Add_NeedsLock(oldest);
        }

        return null;
    }
}
