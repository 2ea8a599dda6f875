namespace Unstale.Memory;

/// <summary>Entries in order of insertion, linked through the entries themselves. Needs the horizon's lock.</summary>
/// <param name="place">Place of the entries.</param>
/// <param name="sizes">Sizes of the entries; null if the size of the queue is not needed.</param>
internal sealed class EntryQueue(EntryPlace place, EntrySizes? sizes = null)
{
    private Entry? _newest;

    public Entry? Oldest { get; private set; }

    public int Count { get; private set; }

    /// <summary>Size of the entries; 0 without sizes.</summary>
    public long Bytes { get; private set; }

    public void Add_NeedsLock(Entry entry)
    {
        entry.Place = place;
        entry.Older = _newest;
        entry.Newer = null;
        if (_newest is null)
            Oldest = entry;
        else
            _newest.Newer = entry;
        _newest = entry;
        Count++;
        Bytes += sizes?.Of_NeedsLock(entry) ?? 0;
    }

    public void Remove_NeedsLock(Entry entry)
    {
        if (entry.Newer is null)
            _newest = entry.Older;
        else
            entry.Newer.Older = entry.Older;
        if (entry.Older is null)
            Oldest = entry.Newer;
        else
            entry.Older.Newer = entry.Newer;
        entry.Older = entry.Newer = null;
        Count--;
        Bytes -= sizes?.Of_NeedsLock(entry) ?? 0;
    }
}
