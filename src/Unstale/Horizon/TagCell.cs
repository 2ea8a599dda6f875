using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Sequence at which a tag was last invalidated: one object per tag and node, referenced by all entries with the tag. Written under the horizon's
/// lock; <see cref="Effective"/> is read without it. Also the tag set of the entries that have no other tag.
/// </summary>
internal sealed class TagCell(string tag, long sequence) : TagSet
{
    private readonly string _tag = tag;
    private int _pending;

    /// <summary>Allocated by the first soft mark, so cells without soft marks remain small.</summary>
    private SoftMarks? _soft;

    /// <summary>Tag or key mark.</summary>
    public string Tag => _tag;

    /// <summary>40 bytes of fields, the name, and a slot of the table.</summary>
    public override long Size => ObjectSize.Header + 40 + ObjectSize.OfString(_tag.Length) + ObjectSize.Reference + ObjectSize.TableSlot;

    public override ReadOnlySpan<string> Names => new(in _tag);

    public override string[] Tags => [_tag];

    /// <summary>Sequence to compare stamps with. Higher than every stamp while an invalidation is pending.</summary>
    public long Effective = sequence;

    public long Sequence { get; private set; } = sequence;

    /// <summary>
    /// <see cref="Effective"/> without soft marks, after which an entry may be served once more. A mark not recorded as soft is hard. Requires the
    /// lock.
    /// </summary>
    public long Hard => _soft is null ? Effective : _pending > _soft.Pending ? long.MaxValue : _soft.Hard;

    public bool IsPending => _pending > 0;

    public void Raise(long to, bool isSoft = false)
    {
        if (isSoft && to > Sequence)
            _soft ??= new SoftMarks { Hard = Sequence };
        else if (!isSoft && _soft is not null)
            _soft.Hard = Math.Max(_soft.Hard, to); // records may be marked out of order: this one may be below the last soft one
        if (to <= Sequence)
            return;
        Sequence = to;
        Publish();
    }

    /// <summary>Forgets all marks, because a new generation has other sequences.</summary>
    public void ResetTo(long at)
    {
        if (_soft is not null)
            _soft.Hard = at;
        Sequence = at;
        Publish();
    }

    /// <summary>Adds the change, positive or negative, to the number of pending invalidations.</summary>
    public void AddPending(int change, bool isSoft = false)
    {
        if (isSoft)
            (_soft ??= new SoftMarks { Hard = Sequence }).Pending += change;
        _pending += change;
        Publish();
    }

    /// <summary>Ends one pending invalidation, at its sequence or at 0 if a broader one replaces it.</summary>
    public void EndPending(long sequence, bool isSoft = false)
    {
        Raise(sequence, isSoft);
        AddPending(-1, isSoft);
    }

    /// <summary>Makes the cell stale. The cell is no longer raised, so no entry may rely on it: unknown means stale.</summary>
    public void Retire() => Volatile.Write(ref Effective, long.MaxValue);

    private void Publish()
    {
        if (_soft is { Pending: 0 } soft && soft.Hard >= Sequence)
            _soft = null;
        Volatile.Write(ref Effective, _pending > 0 ? long.MaxValue : Sequence);
    }

    private sealed class SoftMarks
    {
        /// <summary>Last sequence of a mark that was not soft.</summary>
        public long Hard { get; set; }

        /// <summary>Number of pending invalidations that are soft.</summary>
        public int Pending { get; set; }
    }
}
