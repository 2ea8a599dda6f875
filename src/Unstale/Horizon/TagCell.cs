namespace Unstale.Horizon;

/// <summary>
/// The last sequence at which a tag was invalidated: one object a tag and node, pointed at by the entries that carry the tag.
/// Written under the horizon's lock; <see cref="Effective"/> is read without it.
/// </summary>
internal sealed class TagCell(string tag, long sequence)
{
    private int _pending;

    /// <summary>Made by the first soft mark: a cell that never has one does not grow.</summary>
    private SoftMarks? _soft;

    /// <summary>The tag, or the mark of a key.</summary>
    public string Tag => tag;

    /// <summary>What a stamp is compared with: the sequence, or "later than all" while an invalidation is on its way.</summary>
    public long Effective = sequence;

    public long Sequence { get; private set; } = sequence;

    /// <summary>
    /// The same without soft marks, after which an entry may be served once more. What is not known to be soft is hard. Needs the lock.
    /// </summary>
    public long Hard => _soft is null ? Effective : _pending > _soft.Pending ? long.MaxValue : _soft.Hard;

    public bool IsPending => _pending > 0;

    /// <summary>How many tag sets and pending invalidations hold the cell.</summary>
    public int Holders { get; set; }

    public void Raise(long to, bool isSoft = false)
    {
        if (isSoft && to > Sequence)
            _soft ??= new SoftMarks { Hard = Sequence };
        else if (!isSoft && _soft is not null)
            _soft.Hard = Math.Max(_soft.Hard, to); // records may be marked out of order: this one may stand below the last soft one
        if (to <= Sequence)
            return;
        Sequence = to;
        Publish();
    }

    /// <summary>Forgets what was marked: a new generation counts from elsewhere.</summary>
    public void StandAt(long at)
    {
        if (_soft is not null)
            _soft.Hard = at;
        Sequence = at;
        Publish();
    }

    /// <summary>So many invalidations begin to be on their way, or less.</summary>
    public void Pend(int change, bool isSoft = false)
    {
        if (isSoft)
            (_soft ??= new SoftMarks { Hard = Sequence }).Pending += change;
        _pending += change;
        Publish();
    }

    /// <summary>One invalidation is no longer on its way: it has this sequence, or 0 if something broader takes its place.</summary>
    public void EndPending(long sequence, bool isSoft = false)
    {
        Raise(sequence, isSoft);
        Pend(-1, isSoft);
    }

    /// <summary>Nobody raises it any more, so nothing may rely on it: unknown means stale.</summary>
    public void Retire() => Volatile.Write(ref Effective, long.MaxValue);

    private void Publish()
    {
        if (_soft is { Pending: 0 } soft && soft.Hard >= Sequence)
            _soft = null;
        Volatile.Write(ref Effective, _pending > 0 ? long.MaxValue : Sequence);
    }

    private sealed class SoftMarks
    {
        /// <summary>The last sequence of a mark that was not soft.</summary>
        public long Hard { get; set; }

        /// <summary>How many of the pending invalidations are soft.</summary>
        public int Pending { get; set; }
    }
}
