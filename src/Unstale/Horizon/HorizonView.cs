using System.Runtime.CompilerServices;
using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Published fields of a horizon, written under the horizon's lock and read without it. A reader notified of the return of an invalidation is already
/// ordered after it by the synchronization of this notification. Readers need barriers only against an epoch that ends during the read.
/// </summary>
internal sealed class HorizonView
{
    /// <summary>
    /// Number of the epoch, incremented whenever everything held is forgotten. Compared only for equality, so overflow is harmless: no entry survives
    /// 2^32 epochs.
    /// </summary>
    public int Epoch;

    /// <summary>Number of the newest selector. After the maximum, numbering restarts in a new epoch.</summary>
    public int SelectorCount;

    /// <summary>
    /// Number of changes after which a verified entry may be invalid, from 1. Raised after each change, so a reader of the raised number also reads
    /// the change. Never returns to an earlier number.
    /// </summary>
    public long Revision = 1;

    /// <summary>Sequence of the last "everything". Higher than every other sequence while one is pending.</summary>
    public long Floor;

    /// <summary>Time of <see cref="MonotonicClock"/> until which the node may serve stored values.</summary>
    public long TrustedUntil = long.MinValue;

    /// <summary>
    /// Latest time until which the node may serve without confirmation, as reported to the log. Not below <see cref="TrustedUntil"/>.
    /// </summary>
    public long ServedUntil = long.MinValue;

    /// <summary>Time until which everything counts as recently forgotten. Until then the source is protected from a rush of loads.</summary>
    public long ColdUntil = long.MinValue;

    /// <summary>Highest sequence, and highest number, of a selector no longer stored.</summary>
    public long DroppedSelectorSequence;
    public int DroppedSelectorNumber;
    public SelectorRecord[] Selectors = [];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsTrusted(long now) => now <= TrustedUntil;

    /// <summary>
    /// State of an entry: <see cref="EntryState.Live"/> or <see cref="EntryState.Stale"/> if a read may serve the entry. Trust is read before the
    /// marks: a node that becomes trusted between the two has applied records that the comparison may have missed.
    /// </summary>
    /// <param name="entry">Entry to judge.</param>
    /// <param name="freshUntil">Monotonic time after which the entry is stale, in milliseconds.</param>
    /// <param name="expiresAt">Monotonic time after which the entry is expired, in milliseconds.</param>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    public EntryState StateOf(StampedEntry entry, long freshUntil, long expiresAt, long now)
    {
        var trustedUntil = Volatile.Read(ref TrustedUntil);
        return StateOf(IsValid(entry), trustedUntil, freshUntil, expiresAt, now);
    }

    /// <summary>
    /// The same for a read, which reads the clock after the marks: a process paused between the two is judged by the time after the pause. The clock
    /// is not read for an invalidated entry.
    /// </summary>
    public EntryState StateOf(StampedEntry entry, long freshUntil, long expiresAt, MonotonicClock clock, out long now)
    {
        var trustedUntil = Volatile.Read(ref TrustedUntil);
        now = 0;
        if (!IsValid(entry))
            return EntryState.Invalidated;
        now = clock.Now;
        return StateOf(isValid: true, trustedUntil, freshUntil, expiresAt, now);
    }

    /// <summary>True if the state of the entry is <see cref="EntryState.Live"/>. The same decision, unrolled for a hit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLive(StampedEntry entry, long freshUntil, MonotonicClock clock)
    {
        var trustedUntil = Volatile.Read(ref TrustedUntil);
        if (!IsValid(entry))
            return false;
        var now = clock.Now;
        return now < freshUntil && now <= trustedUntil;
    }

    /// <summary>True if no invalidation after the entry's stamp concerns the entry. One comparison, unless something has changed since the last call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsValid(StampedEntry entry) => Volatile.Read(ref entry.VerifiedAt) == Volatile.Read(ref Revision) || Verify(entry);

    /// <summary>
    /// Compares the entry with all marks, and stores the revision at which the entry is valid. The revision is read before the marks: a mark made
    /// meanwhile raises it, so the next call compares again.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Verify(StampedEntry entry)
    {
        var revision = Volatile.Read(ref Revision);
        if (!IsUnmarked(entry))
            return false;
        Volatile.Write(ref entry.VerifiedAt, revision);
        return true;
    }

    private bool IsUnmarked(StampedEntry entry)
    {
        if (IsMarked(entry.Tags, entry.Stamp))
            return false;

        // The epoch is read last. Once the epoch has ended, the fields above restart, and the entry no longer belongs to the current epoch.
        return (entry.SelectorsSeen == Volatile.Read(ref SelectorCount) || PassesSelectors(entry)) && entry.Epoch == Epoch;
    }

    /// <summary>True if "everything" or one of the tags was invalidated after the stamp, or is pending.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsMarked(TagSet tags, long stamp)
    {
        if (Volatile.Read(ref Floor) > stamp)
            return true;
        foreach (var cell in tags.Cells)
        {
            if (Volatile.Read(ref cell.Effective) > stamp)
                return true;
        }

        return false;
    }

    /// <summary>Raises the revision. Must be called, with the lock, after the change is written.</summary>
    public void RaiseRevision() => Volatile.Write(ref Revision, Revision + 1);

    /// <summary>Ends the epoch. Must be called before any value compared with entries is lowered.</summary>
    public void EndEpoch()
    {
        Interlocked.Increment(ref Epoch); // a full barrier: readers read the epoch last
        RaiseRevision();
    }

    private static EntryState StateOf(bool isValid, long trustedUntil, long freshUntil, long expiresAt, long now)
    {
        if (!isValid)
            return EntryState.Invalidated;
        if (now >= expiresAt)
            return EntryState.Expired;
        if (now > trustedUntil)
            return EntryState.NotTrusted;
        return now >= freshUntil ? EntryState.Stale : EntryState.Live;
    }

    /// <summary>Compares the entry with all selectors not yet compared.</summary>
    private bool PassesSelectors(StampedEntry entry)
    {
        var count = Volatile.Read(ref SelectorCount);
        if (IsMatchedBySelector(entry.Key, entry.Tags.Names, entry.Stamp, entry.SelectorsSeen))
            return false;
        entry.SelectorsSeen = count;
        return true;
    }

    /// <summary>True if a stored selector above the stamp matches, or if a dropped one might have matched.</summary>
    public bool IsMatchedBySelector(string key, ReadOnlySpan<string> tags, long stamp, int seen)
    {
        var selectors = Volatile.Read(ref Selectors);
        if (Volatile.Read(ref DroppedSelectorSequence) > stamp && DroppedSelectorNumber > seen)
            return true;
        for (var i = selectors.Length - 1; i >= 0 && selectors[i].Number > seen; i--)
        {
            if (Volatile.Read(ref selectors[i].Effective) > stamp && selectors[i].Target.Concerns(key, tags))
                return true;
        }

        return false;
    }
}
