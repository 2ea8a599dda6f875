using Unstale.Log;

namespace Unstale.Horizon;

/// <content>Fills: where they start, who may join, what may be kept.</content>
internal sealed partial class PartitionHorizon
{
    public FillTicket BeginFill(string key, TagSet tags, long now)
    {
        var trusted = View.IsTrusted(now);
        return new FillTicket(
            trusted, trusted && _ready && !IsPending(key, tags), View.Epoch, _generation, _cursor, _marks.Tick, _seen, now);
    }

    /// <summary>True if nothing that concerns the key was invalidated, or became pending, since the fill began.</summary>
    public bool MayJoin(in FillTicket fill, string key, TagSet tags, long now)
    {
        var trusted = View.IsTrusted(now);
        if (fill.Trusted != trusted || (trusted && fill.Epoch != View.Epoch))
            return false;
        if (!trusted && now - fill.BeganAt >= _settings.StalenessBound)
            return false;
        return (trusted && IsClear(key, tags, fill.Stamp)) || FirstMark(fill, key, tags.Tags) == MarkRing.None;
    }

    /// <summary>The mark from which on those who joined must not get the value.</summary>
    public long FirstMark(in FillTicket fill, string key, ReadOnlySpan<string> tags) => _marks.First(key, tags, fill.Tick);

    public long Tick => _marks.Tick;

    /// <summary>True if a value of this stamp may be kept: no key, tag, pattern or everything that concerns it came after.</summary>
    public bool MayStore(string key, TagSet tags, long stamp, int epoch) =>
        epoch == View.Epoch && _generation != Generation.None && IsClear(key, tags, stamp);

    /// <summary>
    /// True if a value that was set may be kept as of its own record: nothing but that record marked the key, and its tags, the
    /// broad records and the floor are not above the stamp at the call.
    /// </summary>
    public bool MaySet(string key, TagSet tags, long sequence, in AskedAt asked) =>
        MayStore(key, tags, sequence, asked.Epoch) && IsClear(key, tags, asked.Cursor, withKey: false);

    private bool IsClear(string key, TagSet tags, long stamp, bool withKey = true)
    {
        if (View.Floor > stamp || (withKey && (_pendingKeys.ContainsKey(key) || _stripes.OfKey(key) > stamp)))
            return false;
        foreach (var cell in tags.Cells)
        {
            if (cell.Effective > stamp)
                return false;
        }

        return !View.HitsBroad(key, tags.Tags, stamp, seen: 0);
    }

    /// <summary>
    /// Judges a value of the second level: false if the answer comes from another history, or a mark of this node's own (as
    /// opposed to the adopted cursor) lies above the value's stamp.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="tags">The tags that the value carries.</param>
    /// <param name="valueStamp">The sequence that the value itself is true as of.</param>
    /// <param name="sequence">The newest record at the moment of the answer.</param>
    /// <param name="listed">Broad records above the value's stamp that the server still lists.</param>
    /// <param name="fill">The fill that asked.</param>
    /// <param name="now">The monotonic clock.</param>
    public bool MayTake(
        string key, TagSet tags, long valueStamp, long sequence, IReadOnlyList<InvalidationTarget> listed, in FillTicket fill, long now)
    {
        if (fill.Epoch != View.Epoch || !View.IsTrusted(now) || WentBack(sequence, fill.Seen))
            return false;
        foreach (var target in listed)
        {
            if (target.Concerns(key, tags.Tags))
                return false;
        }

        if (_everythingPending > 0 || IsPending(key, tags) || IsOwnMark(_everything, valueStamp) || IsOwnMark(_stripes.OfKey(key), valueStamp))
            return false;
        foreach (var cell in tags.Cells)
        {
            if (IsOwnMark(cell.Sequence, valueStamp))
                return false;
        }

        return !Array.Exists(View.Broad, b => IsOwnMark(b.Effective, valueStamp) && b.Target.Concerns(key, tags.Tags));
    }

    private bool IsOwnMark(long sequence, long stamp) => sequence > stamp && sequence > _adopted;
}
