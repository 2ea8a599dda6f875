using System.Runtime.CompilerServices;

namespace Unstale.Horizon;

/// <summary>
/// The published side of a horizon: plain fields, written under its lock and read without. A read that begins after an
/// invalidation returned is ordered after it by whatever told the reader so; a reader needs barriers only against an epoch that ends meanwhile.
/// </summary>
internal sealed class HorizonView
{
    /// <summary>
    /// Raised whenever everything held is forgotten. Only compared for equality, so that it may run over: of what was held 2^32 epochs ago
    /// nothing is left.
    /// </summary>
    public int Epoch;

    /// <summary>The number of the newest broad record. At its end the numbers begin anew in a new epoch.</summary>
    public int BroadCount;

    /// <summary>The last "everything"; later than all while one is on its way.</summary>
    public long Floor;

    /// <summary>The node may serve what it holds until then, by <see cref="MonotonicClock"/>.</summary>
    public long TrustedUntil = long.MinValue;

    /// <summary>The longest that the log was told this node may serve without confirming; not below <see cref="TrustedUntil"/>.</summary>
    public long ServedUntil = long.MinValue;

    /// <summary>Until then everything was forgotten a moment ago: the source is protected from the rush.</summary>
    public long ColdUntil = long.MinValue;

    /// <summary>The highest sequence, and the highest number, of a broad record that is not kept any more.</summary>
    public long BroadDropped;
    public int BroadDroppedNumber;
    public BroadRecord[] Broad = [];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsTrusted(long now) => now <= TrustedUntil;

    /// <summary>True if nothing that concerns the entry was invalidated after its stamp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsValid(Stamped entry)
    {
        if (IsMarked(entry.Tags, entry.Stamp))
            return false;

        // The epoch last: after it ended the fields above count from elsewhere, and then it is not the entry's any more.
        return (entry.BroadSeen == Volatile.Read(ref BroadCount) || PassesBroad(entry)) && entry.Epoch == Epoch;
    }

    /// <summary>True if "everything", or one of the tags, was invalidated after the stamp or is being invalidated.</summary>
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

    /// <summary>Ends the epoch, before anything that entries are compared with is lowered.</summary>
    public void EndEpoch() => Interlocked.Increment(ref Epoch); // a full barrier: readers look at the epoch last

    /// <summary>Compares the entry with the broad records that it has not met yet.</summary>
    private bool PassesBroad(Stamped entry)
    {
        var count = Volatile.Read(ref BroadCount);
        if (HitsBroad(entry.Key, entry.Tags.Tags, entry.Stamp, entry.BroadSeen))
            return false;
        entry.BroadSeen = count;
        return true;
    }

    /// <summary>A kept record above the stamp matches, or one was dropped that might have.</summary>
    public bool HitsBroad(string key, ReadOnlySpan<string> tags, long stamp, int seen)
    {
        var broad = Volatile.Read(ref Broad);
        if (Volatile.Read(ref BroadDropped) > stamp && BroadDroppedNumber > seen)
            return true;
        for (var i = broad.Length - 1; i >= 0 && broad[i].Number > seen; i--)
        {
            if (Volatile.Read(ref broad[i].Effective) > stamp && broad[i].Target.Concerns(key, tags))
                return true;
        }

        return false;
    }
}
