using Unstale.Horizon;

namespace Unstale.Store;

/// <summary>
/// Last removed entries and the causes of their removal, for diagnosis. Every removal writes one slot, also in bulk. Needs the horizon's lock.
/// </summary>
internal sealed class RemovedEntries(int capacity, MonotonicClock clock)
{
    private RemovedEntry[]? _ring;
    private int _next;

    public void Note_NeedsLock(Entry entry, RemovalCause cause)
    {
        if (capacity == 0)
            return;
        var ring = _ring ??= new RemovedEntry[capacity];
        ring[_next] = new RemovedEntry(entry.Key, entry.Tags, entry.Stamp, entry.Epoch, clock.Now, entry.IsSpared ? RemovalCause.Invalidated : cause);
        _next = _next + 1 == ring.Length ? 0 : _next + 1;
    }

    /// <summary>Returns the last recorded removal of a key; null if there is none.</summary>
    public RemovedEntry? LastOf_NeedsLock(string key)
    {
        if (_ring is not { } ring)
            return null;
        for (var i = 1; i <= ring.Length; i++)
        {
            ref readonly var removed = ref ring[(_next - i + ring.Length) % ring.Length];
            if (string.Equals(removed.Key, key, StringComparison.Ordinal))
                return removed;
        }

        return null;
    }
}
