namespace Unstale.Store;

/// <summary>
/// SIEVE eviction (Zhang et al., NSDI 2024): a queue in order of insertion and a hand that moves from old to new. The hand clears the bit of each
/// entry read since the last pass and selects the first entry not read. A hit sets one bit and moves nothing. Needs the horizon's lock.
/// </summary>
internal sealed class SieveQueue
{
    private Entry? _newest;
    private Entry? _oldest;
    private Entry? _hand;

    public Entry? Oldest => _oldest;

    public void Add_NeedsLock(Entry entry)
    {
        entry.Older = _newest;
        entry.Newer = null;
        if (_newest is null)
            _oldest = entry;
        else
            _newest.Newer = entry;
        _newest = entry;
    }

    public void Remove_NeedsLock(Entry entry)
    {
        if (_hand == entry)
            _hand = entry.Newer;
        if (entry.Newer is null)
            _newest = entry.Older;
        else
            entry.Newer.Older = entry.Older;
        if (entry.Older is null)
            _oldest = entry.Newer;
        else
            entry.Older.Newer = entry.Newer;
        entry.Older = entry.Newer = null;
    }

    /// <summary>Returns the next entry to evict, without removing the entry; null if the queue is empty.</summary>
    public Entry? Victim_NeedsLock()
    {
        var hand = _hand ?? _oldest;
        while (hand is { IsVisited: true })
        {
            hand.IsVisited = false;
            hand = hand.Newer ?? _oldest;
        }

        _hand = hand;
        return hand;
    }
}
