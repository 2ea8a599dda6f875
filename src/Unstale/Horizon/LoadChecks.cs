namespace Unstale.Horizon;

/// <summary>
/// Checks of loads and sets against the state of a node: start, joining, and storing of values. Holds no state. Depends on the
/// <see cref="LogFollower"/>, the <see cref="InvalidationIndex"/> and the view. All members require the horizon's lock.
/// </summary>
internal sealed class LoadChecks(HorizonSettings settings, HorizonView view, InvalidationIndex index, LogFollower log)
{
    public LoadTicket BeginLoad(string key, TagSet tags, long now, bool mayAskRemote)
    {
        var trusted = view.IsTrusted(now);
        var remote = mayAskRemote && trusted && log.IsReady && !index.IsPending(key, tags) ? new RemoteTicket(log.Generation, log.Seen, log.Link) : null;
        return new LoadTicket(trusted, view.Epoch, log.Cursor, index.Tick, now, remote);
    }

    /// <summary>True if nothing that concerns the key was invalidated or became pending since the load began.</summary>
    public bool MayJoin(in LoadTicket load, string key, TagSet tags, long now)
    {
        var trusted = view.IsTrusted(now);
        if (load.Trusted != trusted || (trusted && load.Epoch != view.Epoch))
            return false;
        if (!trusted && now - load.BeganAt >= settings.StalenessBound)
            return false;
        return (trusted && index.IsClear(key, tags, load.Stamp)) || FirstMark(load, key, tags.Names) == RecentInvalidations.None;
    }

    /// <summary>Returns the tick of the first mark after which joined callers must not receive the value.</summary>
    public long FirstMark(in LoadTicket load, string key, ReadOnlySpan<string> tags) => index.FirstMark(key, tags, load.Tick);

    /// <summary>
    /// True if a value with this stamp may be stored: no key, tag, selector or "everything" that concerns the value is newer or pending. Loads, sets,
    /// joining callers and values read from the second level share this check; a hit in memory compares the same marks.
    /// </summary>
    public bool MayStore(string key, TagSet tags, long stamp, int epoch) =>
        epoch == view.Epoch && log.Generation != Generation.None && index.IsClear(key, tags, stamp);

    /// <summary>
    /// True if a value read as of a position of this node may be stored. A position of another generation or beyond the cursor is no position that this
    /// node can have had before the read.
    /// </summary>
    public bool MayStoreAsOf(string key, TagSet tags, in LogPosition asOf) =>
        asOf.Generation == log.Generation && asOf.Sequence <= log.Cursor && MayStore(key, tags, asOf.Sequence, view.Epoch);

    /// <summary>
    /// True if a set value may be stored as of its own record: no other record marked the key, and the tags, the selectors and the floor are not
    /// above the stamp at the call.
    /// </summary>
    public bool MaySet(string key, TagSet tags, long sequence, in RequestSnapshot snapshot) =>
        MayStore(key, tags, sequence, snapshot.Epoch) && index.IsClearWithoutKey(key, tags, snapshot.Cursor);

    /// <summary>True if an entry was invalidated only by tags of records with <see cref="Log.RecordFlags.ServeStaleOnce"/>.</summary>
    public bool IsSpared(StampedEntry entry)
    {
        if (entry.Epoch != view.Epoch || view.Floor > entry.Stamp)
            return false;
        foreach (var cell in entry.Tags.Cells)
        {
            if (cell.Hard > entry.Stamp)
                return false;
        }

        return !view.IsMatchedBySelector(entry.Key, entry.Tags.Names, entry.Stamp, entry.SelectorsSeen);
    }

    /// <summary>
    /// Judges a value as stored in the second level, after the value has arrived. No script has judged the value, so this node's marks alone decide,
    /// as for an entry in memory. A value from before the adopted cursor, or from before a dropped record, is unknown and therefore refused. A value
    /// newer than everything seen here may belong to another history, which only a reply of the server could reveal.
    /// </summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="tags">Names to judge by: tags and marks of the value, and names given for the key on this node.</param>
    /// <param name="value">Sequences as of which the value is valid. For names missing from the value, its own stamp counts.</param>
    /// <param name="load">Ticket of the load.</param>
    /// <param name="now">Monotonic time in milliseconds, read after the value has arrived.</param>
    /// <param name="stamp">Sequence as of which the value may be stored: nothing up to the cursor concerns the value.</param>
    public bool MayStoreRemote(string key, TagSet tags, in StoredAs value, in LoadTicket load, long now, out long stamp)
    {
        var from = value.CarriesAll(tags.Names) ? value.Confirmed : value.Stamp;
        stamp = Math.Max(from, log.Cursor);
        return from <= log.Seen && value.Stamp <= value.Confirmed && view.IsTrusted(now) && MayStore(key, tags, from, load.Epoch);
    }

    /// <summary>
    /// Judges a value of the second level against this node's marks. The reply may come from another history than the marks. A mark above the value,
    /// from a record the server must have had, makes the value suspected: another key or tag may have made the mark, and a server with the record has
    /// already judged the value by it.
    /// </summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="tags">Names to judge by: tags and marks of the value, and names given for the key on this node.</param>
    /// <param name="answer">Reply of the second level.</param>
    /// <param name="load">Ticket of the load.</param>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    /// <param name="stamp">Sequence as of which the value may be stored, if the judgement is <see cref="RemoteValidity.Valid"/>.</param>
    public RemoteValidity ValidateRemote(string key, TagSet tags, in RemoteAnswer answer, in LoadTicket load, long now, out long stamp)
    {
        stamp = Math.Max(load.Stamp, answer.Sequence);
        if (load.Remote is not { } remote || load.Epoch != view.Epoch || !view.IsTrusted(now) || log.WentBack(answer.Sequence, remote.Seen))
            return RemoteValidity.Invalid;
        foreach (var target in answer.Listed)
        {
            if (target.Concerns(key, tags.Names))
                return RemoteValidity.Invalid;
        }

        if (index.IsPending(key, tags))
            return RemoteValidity.Invalid;
        if (!answer.Value.CarriesAll(tags.Names))
        {
            if (!IsClearOfNamed(key, tags, answer))
                return RemoteValidity.Invalid;
            stamp = Math.Max(answer.Stamp, Math.Min(stamp, log.Cursor));
        }

        var newest = index.NewestMark(key, tags, answer.Stamp);
        if (!index.IsOwnMark(newest, answer.Stamp))
            return RemoteValidity.Valid;
        if (newest > answer.Sequence || remote.Link != log.Link)
            return RemoteValidity.Invalid;
        return log.CaughtUpWith > answer.Tails ? RemoteValidity.Valid : RemoteValidity.NeedsConfirmation;
    }

    /// <summary>
    /// True if no name missing from the value was invalidated after the value's own stamp. The server has not judged by these names, so only this
    /// node's marks count. Anything below an adopted cursor, or forgotten, is unknown and therefore stale, and no tail confirms it. Marks are
    /// complete up to the cursor, which bounds the stamp of an accepted value.
    /// </summary>
    private bool IsClearOfNamed(string key, TagSet tags, in RemoteAnswer answer)
    {
        if (view.Floor > answer.Stamp || view.IsMatchedBySelector(key, tags.Names, answer.Stamp, seen: 0))
            return false;
        foreach (var cell in tags.Cells)
        {
            if (cell.Effective > answer.Stamp && !answer.Value.Carries(cell.Tag))
                return false;
        }

        return true;
    }
}
