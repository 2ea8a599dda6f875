using System.Numerics;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// Last removed entries and the causes of their removal, for diagnosis. Every removal writes one slot, also in bulk; slots of the same hash are
/// chained, so that a search visits few of them. Needs the horizon's lock.
/// </summary>
internal sealed class RemovedEntries(int capacity, MonotonicClock clock)
{
    /// <summary>Average number of slots in a chain, at most.</summary>
    private const int ChainLength = 4;

    private Slot[]? _ring;

    /// <summary>Ordinal of the last removal per hash; 0 for none.</summary>
    private long[] _last = [];
    private long _count;

    public void Note_NeedsLock(Entry entry, RemovalCause cause)
    {
        if (capacity == 0)
            return;
        if (_ring is null)
        {
            _ring = new Slot[capacity];
            _last = new long[BitOperations.RoundUpToPowerOf2((uint)(capacity + ChainLength - 1) / ChainLength)];
        }

        ref var last = ref _last[entry.Hash & (_last.Length - 1)];
        _ring[++_count % capacity] = new Slot(
            new RemovedEntry(entry.Key, entry.Tags, entry.Stamp, entry.Epoch, clock.Now, entry.IsSpared ? RemovalCause.Invalidated : cause), last);
        last = _count;
    }

    /// <summary>Returns the last recorded removal of a key; null if there is none.</summary>
    public RemovedEntry? LastOf_NeedsLock(string key)
    {
        if (_ring is not { } ring)
            return null;

        // Ordinals fall along a chain. One that the ring no longer covers was overwritten, and so were all after it.
        for (var at = _last[KeyHash.Compute(key) & (_last.Length - 1)]; at > Math.Max(0, _count - capacity); at = ring[at % capacity].Previous)
        {
            ref readonly var removed = ref ring[at % capacity].Removed;
            if (string.Equals(removed.Key, key, StringComparison.Ordinal))
                return removed;
        }

        return null;
    }

    private readonly struct Slot(RemovedEntry removed, long previous)
    {
        public readonly RemovedEntry Removed = removed;

        /// <summary>Ordinal of the previous removal with the same hash; 0 for none.</summary>
        public readonly long Previous = previous;
    }
}
