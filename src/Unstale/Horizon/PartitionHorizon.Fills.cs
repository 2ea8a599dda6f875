using Unstale.Log;

namespace Unstale.Horizon;

/// <content>Fills: where they start, who may join, what may be kept.</content>
internal sealed partial class PartitionHorizon
{
    public FillTicket BeginFill(string key, TagSet tags, long now)
    {
        var trusted = View.IsTrusted(now);
        return new FillTicket(
            trusted, trusted && _ready && !IsPending(key, tags), View.Epoch, _generation, _cursor, _marks.Tick, _seen, now, _link);
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

    /// <summary>
    /// True if a value of this stamp may be kept: no key, tag, pattern or everything that concerns it came after, and none is on its way. The one
    /// judgement of loads, of sets, of who may join, and of values as they lie in the second level; a hit in memory compares the same marks.
    /// </summary>
    public bool MayStore(string key, TagSet tags, long stamp, int epoch) =>
        epoch == View.Epoch && _generation != Generation.None && IsClear(key, tags, stamp);

    /// <summary>
    /// True if a value that was set may be kept as of its own record: nothing but that record marked the key, and its tags, the
    /// broad records and the floor are not above the stamp at the call.
    /// </summary>
    public bool MaySet(string key, TagSet tags, long sequence, in AskedAt asked) =>
        MayStore(key, tags, sequence, asked.Epoch) && IsClear(key, tags, asked.Cursor, withKey: false);

    /// <summary>
    /// True if an invalidated entry was taken by nothing but tags of records with <see cref="RecordFlags.ServeStaleOnce"/>.
    /// </summary>
    public bool IsSpared(Stamped entry)
    {
        if (entry.Epoch != View.Epoch || View.Floor > entry.Stamp)
            return false;
        foreach (var cell in entry.Tags.Cells)
        {
            if (cell.Hard > entry.Stamp)
                return false;
        }

        return !View.HitsBroad(entry.Key, entry.Tags.Tags, entry.Stamp, entry.BroadSeen);
    }

    private bool IsClear(string key, TagSet tags, long stamp, bool withKey = true)
    {
        if (withKey && (_pendingKeys.Contains(key) || _stripes.OfKey(key) > stamp))
            return false;
        return !View.IsMarked(tags, stamp) && !View.HitsBroad(key, tags.Tags, stamp, seen: 0);
    }

    /// <summary>
    /// Judges a value as it lies in the second level, after it has come. No script has judged it, so this node's marks alone decide, as they do
    /// for an entry in memory. A value of before the adopted cursor, or of before a record that is not kept, is unknown and therefore not taken; one
    /// of after all that was seen here may be of another history, which the server's answer would tell.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="tags">All that it is judged by: what the value carries, and what was named for the key here.</param>
    /// <param name="value">The sequences that it is true as of. Those for names that it does not carry begin at its own stamp.</param>
    /// <param name="fill">The fill that asked.</param>
    /// <param name="now">The monotonic clock, read after the value has come.</param>
    /// <param name="stamp">The sequence that the value may be kept as of: nothing up to the cursor concerns it.</param>
    public bool MayTake(string key, TagSet tags, in StoredAs value, in FillTicket fill, long now, out long stamp)
    {
        var from = value.CarriesAll(tags.Tags) ? value.Confirmed : value.Stamp;
        stamp = Math.Max(from, _cursor);
        return from <= _seen && value.Stamp <= value.Confirmed && View.IsTrusted(now) && MayStore(key, tags, from, fill.Epoch);
    }

    /// <summary>
    /// Judges a value of the second level by what this node knows: the answer may come from another history than its marks. A mark
    /// above the value that the answer must have known is a reason to ask: another key or tag may have made it, and if the server
    /// has that record, it has judged the value by it.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="tags">All that it is to be judged by: what the value carries, and what was named for the key here.</param>
    /// <param name="answer">What the second level has said.</param>
    /// <param name="fill">The fill that asked.</param>
    /// <param name="now">The monotonic clock.</param>
    /// <param name="stamp">The sequence that the value may be kept as of, if the judgement is <see cref="Judgement.True"/>.</param>
    public Judgement Judge(string key, TagSet tags, in RemoteAnswer answer, in FillTicket fill, long now, out long stamp)
    {
        stamp = Math.Max(fill.Stamp, answer.Sequence);
        if (fill.Epoch != View.Epoch || !View.IsTrusted(now) || WentBack(answer.Sequence, fill.Seen))
            return Judgement.Refused;
        foreach (var target in answer.Listed)
        {
            if (target.Concerns(key, tags.Tags))
                return Judgement.Refused;
        }

        if (IsPending(key, tags))
            return Judgement.Refused;
        if (!answer.Value.CarriesAll(tags.Tags))
        {
            if (!IsClearOfNamed(key, tags, answer))
                return Judgement.Refused;
            stamp = Math.Max(answer.Stamp, Math.Min(stamp, _cursor));
        }

        var newest = NewestMark(key, tags, answer.Stamp);
        if (!IsOwnMark(newest, answer.Stamp))
            return Judgement.True;
        if (newest > answer.Sequence || fill.Link != _link)
            return Judgement.Refused;
        return CaughtUpWith > answer.Tails ? Judgement.True : Judgement.Suspected;
    }

    /// <summary>
    /// True if nothing that the value does not carry was invalidated after the value's own stamp. The server has not judged by these names, so
    /// only this node's marks count: what lies below an adopted cursor, or was forgotten, is unknown and therefore stale, and no tail confirms it.
    /// Marks are known up to the cursor, which bounds the stamp of a value that passes.
    /// </summary>
    private bool IsClearOfNamed(string key, TagSet tags, in RemoteAnswer answer)
    {
        if (View.Floor > answer.Stamp || View.HitsBroad(key, tags.Tags, answer.Stamp, seen: 0))
            return false;
        foreach (var cell in tags.Cells)
        {
            if (cell.Effective > answer.Stamp && !answer.Value.Carries(cell.Tag))
                return false;
        }

        return true;
    }

    /// <summary>The highest mark that is this node's own and lies above the stamp; lower ones count for nothing.</summary>
    private long NewestMark(string key, TagSet tags, long stamp)
    {
        var newest = Math.Max(_everything, _stripes.OfKey(key));
        foreach (var cell in tags.Cells)
            newest = Math.Max(newest, cell.Sequence);
        foreach (var broad in View.Broad)
        {
            if (broad.Effective > newest && IsOwnMark(broad.Effective, stamp) && broad.Target.Concerns(key, tags.Tags))
                newest = broad.Effective;
        }

        return newest;
    }

    private bool IsOwnMark(long sequence, long stamp) => sequence > stamp && sequence > _adopted;
}
