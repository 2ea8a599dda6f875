namespace Unstale.Store;

/// <summary>
/// SIEVE (Zhang et al., NSDI 2024): a queue in order of insertion and a hand that moves from old to new; it clears the bit of what
/// was read since it last passed and takes the first that was not. A hit sets one bit and moves nothing. Needs the horizon's lock.
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

    /// <summary>The next to go; null if the queue is empty. It is not removed.</summary>
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
