namespace Unstale.Horizon;

/// <summary>
/// The last sequence at which a tag was invalidated: one object a tag and node, pointed at by the entries that carry the tag.
/// Written under the horizon's lock; <see cref="Effective"/> is read without it.
/// </summary>
internal sealed class TagCell(string tag, long sequence)
{
    private int _pending;

    public string Tag => tag;

    /// <summary>What a stamp is compared with: the sequence, or "later than all" while an invalidation is on its way.</summary>
    public long Effective = sequence;

    public long Sequence { get; private set; } = sequence;

    public bool IsPending => _pending > 0;

    /// <summary>How many tag sets and pending invalidations hold the cell.</summary>
    public int Holders { get; set; }

    public void Raise(long to)
    {
        if (to <= Sequence)
            return;
        Sequence = to;
        Publish();
    }

    /// <summary>Forgets what was marked: a new generation counts from elsewhere.</summary>
    public void StandAt(long at)
    {
        Sequence = at;
        Publish();
    }

    public void Pend(int change)
    {
        _pending += change;
        Publish();
    }

    /// <summary>Nobody raises it any more, so nothing may rely on it: unknown means stale.</summary>
    public void Retire() => Volatile.Write(ref Effective, long.MaxValue);

    private void Publish() => Volatile.Write(ref Effective, _pending > 0 ? long.MaxValue : Sequence);
}
