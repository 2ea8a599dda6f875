using Unstale.Log;
using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>
/// Newest invalidation of every key, tag, selector and "everything", in the log or pending, and the stores under them. Writes the floor of the view.
/// Depends on no other part of the horizon. All members require the horizon's lock.
/// </summary>
internal sealed class InvalidationIndex
{
    private readonly HorizonView _view;
    private readonly bool _notesUnmatched;
    private readonly SelectorList _selectors;
    private readonly StripedSequences _stripes;
    private readonly RecentInvalidations _marks = new();
    private readonly List<ILocalStore> _stores = [];
    private readonly PendingKeys _pendingKeys = new();

    /// <summary>Pending keys whose records invalidate only the declared dependents that they name.</summary>
    private readonly PendingKeys _directlyPendingKeys = new();

    /// <summary>Own operations not yet in the log. Used to explain removals.</summary>
    private readonly HashSet<Operation> _pending = [];
    private int _everythingPending;
    private long _floor;
    private long _everything;
    private long _adopted;

    /// <param name="settings">Settings of the horizon.</param>
    /// <param name="view">View that receives the floor and the selectors.</param>
    /// <param name="forgotten">Called when everything held is forgotten, after the epoch has ended.</param>
    public InvalidationIndex(HorizonSettings settings, HorizonView view, Action forgotten)
    {
        _view = view;
        _notesUnmatched = settings.NotesUnmatched;
        _selectors = new SelectorList(settings, view, forgotten);
        _stripes = new StripedSequences(settings.StripeBits);
        Tags = new TagTable(_stripes, _pendingKeys, _directlyPendingKeys, new PredicateTable(_stripes, PendingRows, settings.RecentChanges));
    }

    public TagTable Tags { get; }

    /// <summary>Own invalidations of tags that had no cell.</summary>
    public UnmatchedTags Unmatched { get; } = new();

    /// <summary>Marks for the next pass of the sweep.</summary>
    public SweepQueue Sweeps { get; private set; } = new();

    /// <summary>Number of targets marked so far, in the log or pending.</summary>
    public long Tick => _marks.Tick;

    /// <summary>Snapshot of the stores.</summary>
    public IReadOnlyList<ILocalStore> Stores => [.. _stores];

    /// <summary>Own records not yet in the log, with the times of their calls, in any order.</summary>
    public (long Time, InvalidationRecord Record)[] Pending => _pending.Count == 0 ? [] : [.. _pending.Select(static operation => (operation.StartedAt, operation.Record))];

    /// <summary>Number of entries in all stores.</summary>
    public int EntryCount
    {
        get
        {
            var count = 0;
            foreach (var store in _stores)
                count += store.Count;
            return count;
        }
    }

    public void Add(ILocalStore store) => _stores.Add(store);

    public void Remove(ILocalStore store) => _stores.Remove(store);

    public SweepQueue DequeueSweeps()
    {
        var batch = Sweeps;
        Sweeps = new SweepQueue();
        return batch;
    }

    public void DropOldSelectors(long now) => _selectors.DropOld(now);

    /// <summary>
    /// Returns the tick of the first mark after <paramref name="since"/> that concerns the key; see <see cref="RecentInvalidations.First"/>.
    /// </summary>
    public long FirstMark(string key, ReadOnlySpan<string> tags, long since) => _marks.First(key, tags, since);

    /// <summary>Marks the targets of a record that was applied in order or acknowledged out of order.</summary>
    /// <param name="sequence">Sequence of the record.</param>
    /// <param name="record">Record to mark.</param>
    /// <param name="own">Operation that raised the record, if raised on this node.</param>
    public void Apply(long sequence, InvalidationRecord record, Operation? own)
    {
        var targets = record.Targets;
        Tags.AnyRecord.Raise(sequence, IsSoft(record.Flags));
        for (var i = 0; i < targets.Length; i++)
            Apply(sequence, targets[i], record.Flags, own, i);
        ApplyRows(sequence, targets, record.Flags, own);
        RaiseRevision(targets);
    }

    /// <summary>
    /// Raises the revision once all targets are marked. A record of keys alone concerns only entries that it drops, unless entries have ever carried
    /// marks of keys.
    /// </summary>
    private void RaiseRevision(ReadOnlySpan<InvalidationTarget> targets)
    {
        var raises = Tags.HasHeldMarks;
        foreach (ref readonly var target in targets)
            raises |= target.Kind != TargetKind.Key;
        if (raises)
            _view.RaiseRevision();
    }

    /// <summary>Marks the only target of a record without flags.</summary>
    public void Apply(long sequence, in InvalidationTarget target, IRaisedInvalidation own)
    {
        Tags.AnyRecord.Raise(sequence);
        Apply(sequence, target, RecordFlags.None, own, 0);
        var targets = new ReadOnlySpan<InvalidationTarget>(in target);
        ApplyRows(sequence, targets, RecordFlags.None, own);
        RaiseRevision(targets);
    }

    /// <summary>Marks an operation as pending: raised here, not acknowledged, and above every stamp until then.</summary>
    public void MarkPending(Operation operation)
    {
        operation.IsPending = true;
        var targets = operation.Record.Targets;
        Tags.Predicates.AddPending(targets); // before the operation is listed: a table followed from now on reads the list
        _pending.Add(operation);
        Tags.AnyRecord.AddPending(1, IsSoft(operation.Record.Flags));
        for (var i = 0; i < targets.Length; i++)
        {
            ref readonly var target = ref targets[i];
            _marks.Add(target);
            switch (target.Kind)
            {
                case TargetKind.Key:
                    PendKey(target.Text, IsDirect(operation.Record.Flags));
                    Drop(target.Text, long.MaxValue, operation, i);
                    break;
                case TargetKind.Tag:
                    Tags.HoldCell(target.Text).AddPending(1, IsSoft(operation.Record.Flags));
                    break;
                case TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf:
                    (operation.PendingSelectors ??= []).Add(_selectors.AddPending(target));
                    break;
                case TargetKind.Row:
                    break;
                default:
                    _everythingPending++;
                    PublishFloor();
                    break;
            }
        }

        RaiseRevision(targets);
    }

    /// <summary>
    /// Ends the pending state set by <see cref="MarkPending"/>, at the record's sequence. The sequence is marked before, because hits take no lock
    /// and must not see a gap. The sequence is null if a broader invalidation has replaced the operation.
    /// </summary>
    public void ClearPending(Operation operation, long? sequence)
    {
        if (!operation.IsPending)
            return;
        operation.IsPending = false;
        _pending.Remove(operation);
        Tags.AnyRecord.EndPending(sequence ?? 0, IsSoft(operation.Record.Flags));
        Tags.Predicates.EndPending(operation.Record.Targets, sequence ?? 0);
        foreach (ref readonly var target in operation.Record.Targets)
            ClearPending(target, sequence ?? 0, operation.Record.Flags);
        if (operation.PendingSelectors is not { } pending)
            return;
        operation.PendingSelectors = null;
        _selectors.EndPending(pending, sequence);
    }

    /// <summary>
    /// Forgets all marks of another generation: everything up to the adopted cursor counts as invalidated, so that a load that began before cannot
    /// pass. Pending marks remain. Must follow the end of the epoch.
    /// </summary>
    public void ResetTo(long sequence)
    {
        _adopted = _floor = _everything = sequence;
        _stripes.ResetTo(sequence);
        Tags.ResetTo(sequence);
        _selectors.ResetTo(sequence);
        PublishFloor();
    }

    /// <summary>Counts everything up to the sequence as invalidated. Unlike "everything", no record of the log.</summary>
    public void RaiseFloor(long sequence)
    {
        _floor = Math.Max(_floor, sequence);
        PublishFloor();
    }

    /// <summary>True while an invalidation of the key or of one of the tags is pending. The second level is not read during this time.</summary>
    public bool IsPending(string key, TagSet tags)
    {
        if (_everythingPending > 0 || _pendingKeys.Contains(key))
            return true;
        foreach (var cell in tags.Cells)
        {
            if (cell.IsPending)
                return true;
        }

        return _selectors.IsPending(key, tags.Names);
    }

    /// <summary>True if no key, tag, selector or "everything" that concerns the value is newer than the stamp or pending.</summary>
    public bool IsClear(string key, TagSet tags, long stamp) =>
        !_pendingKeys.Contains(key) && _stripes.ForKey(key) <= stamp && IsClearWithoutKey(key, tags, stamp);

    /// <summary>The same, without marks of the key itself.</summary>
    public bool IsClearWithoutKey(string key, TagSet tags, long stamp) =>
        !_view.IsMarked(tags, stamp) && !_view.IsMatchedBySelector(key, tags.Names, stamp, seen: 0);

    /// <summary>True if the marks made on this node after the stamp are not above it. Marks of the adopted cursor do not count.</summary>
    public bool IsOwnMark(long sequence, long stamp) => sequence > stamp && sequence > _adopted;

    /// <summary>Returns the highest mark of the key and the tags. Only a mark made by this node and above the stamp is significant.</summary>
    public long NewestMark(string key, TagSet tags, long stamp)
    {
        var newest = Math.Max(_everything, _stripes.ForKey(key));
        foreach (var cell in tags.Cells)
            newest = Math.Max(newest, cell.Sequence);
        foreach (var selector in _view.Selectors)
        {
            if (selector.Effective > newest && IsOwnMark(selector.Effective, stamp) && selector.Target.Concerns(key, tags.Names))
                newest = selector.Effective;
        }

        return newest;
    }

    /// <param name="sequence">Sequence of the record.</param>
    /// <param name="target">Target of the record.</param>
    /// <param name="flags">Flags of the record.</param>
    /// <param name="own">Operation that raised the record, if raised on this node.</param>
    /// <param name="index">Index of the target in the record.</param>
    private void Apply(long sequence, in InvalidationTarget target, RecordFlags flags, IRaisedInvalidation? own, int index)
    {
        _marks.Add(target);
        switch (target.Kind)
        {
            case TargetKind.Key:
                _stripes.RaiseKey(target.Text, sequence);
                Drop(target.Text, sequence, own, index);

                // Values made from the key are removed by the sweep. A key without such values costs neither a lookup nor a pass.
                if (Tags.Keys.TryFind(target.Text, out var mark))
                    MarkMadeFrom(mark);
                if (!IsDirect(flags) && Tags.Declared.TryFind(target.Text, out mark))
                    MarkMadeFrom(mark);
                return;
            case TargetKind.Tag:
                _stripes.RaiseTag(target.Text, sequence);
                if (Tags.TryFind(target.Text, out var cell))
                    cell.Raise(sequence, IsSoft(flags));
                else if (_notesUnmatched && own is not (null or Operation { IsApplied: true })) // after a reset, replayed records find an empty memory
                    Unmatched.Note(target.Text);
                break;
            case TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf:
                _selectors.Apply(target, sequence);
                break;
            case TargetKind.Row:
                return; // the sweep removes entries by the predicates that the change hits
            default:
                _floor = Math.Max(_floor, sequence);
                _everything = Math.Max(_everything, sequence);
                PublishFloor();
                break;
        }

        Sweeps.Add(sequence, target, own, index, IsLazy(flags));

        void MarkMadeFrom(TagCell cell)
        {
            cell.Raise(sequence);
            Sweeps.Add(sequence, InvalidationTarget.ForTag(cell.Tag), own, index, IsLazy(flags));
        }
    }

    /// <summary>Marks the predicates that the changes of a record hit.</summary>
    private void ApplyRows(long sequence, ReadOnlySpan<InvalidationTarget> targets, RecordFlags flags, IRaisedInvalidation? own)
    {
        for (var i = 0; i < targets.Length; i++)
        {
            if (Tags.Predicates.ChangeOf(targets[i], targets) is not { } change)
                continue;
            foreach (var held in Tags.Predicates.Apply(change, sequence))
            {
                held.Cell.Raise(sequence);
                Sweeps.Add(sequence, InvalidationTarget.ForTag(held.Cell.Tag), own, i, IsLazy(flags));
            }
        }
    }

    /// <summary>Returns the pending changes of a table that is followed from now on.</summary>
    private List<RowChange> PendingRows(string table)
    {
        var found = new List<RowChange>();
        foreach (var operation in _pending)
            RowTargets.AddChanges(found, operation.Record.Targets, table);
        return found;
    }

    private void Drop(string key, long below, IRaisedInvalidation? own, int index)
    {
        foreach (var store in _stores)
        {
            var dropped = store.Drop(key, below);
            if (dropped > 0)
                own?.CountRemoved(index, dropped);
        }
    }

    private void PendKey(string key, bool isDirect)
    {
        _pendingKeys.Add(key);
        if (Tags.Keys.TryFind(key, out var mark))
            mark.AddPending(1);
        if (isDirect)
            _directlyPendingKeys.Add(key);
        else if (Tags.Declared.TryFind(key, out var declared))
            declared.AddPending(1);
    }

    private void UnpendKey(string key, long sequence, bool isDirect)
    {
        _pendingKeys.Remove(key);
        if (Tags.Keys.TryFind(key, out var mark))
            mark.EndPending(sequence);
        if (isDirect)
            _directlyPendingKeys.Remove(key);
        else if (Tags.Declared.TryFind(key, out var declared))
            declared.EndPending(sequence);
    }

    private void ClearPending(in InvalidationTarget target, long sequence, RecordFlags flags)
    {
        switch (target.Kind)
        {
            case TargetKind.Key:
                UnpendKey(target.Text, sequence, IsDirect(flags));
                break;
            case TargetKind.Tag:
                if (!Tags.TryFind(target.Text, out var cell)) // held while pending, so the cell exists
                    break;
                cell.EndPending(sequence, IsSoft(flags));
                Tags.ReleaseCell(cell);
                break;
            case TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf or TargetKind.Row:
                break;
            default:
                _floor = Math.Max(_floor, sequence);
                _everythingPending--;
                PublishFloor();
                break;
        }
    }

    private void PublishFloor() => Volatile.Write(ref _view.Floor, _everythingPending > 0 ? long.MaxValue : _floor);

    private static bool IsLazy(RecordFlags flags) => (flags & RecordFlags.Lazy) != RecordFlags.None;

    private static bool IsDirect(RecordFlags flags) => (flags & RecordFlags.DirectDependents) != RecordFlags.None;

    private static bool IsSoft(RecordFlags flags) => (flags & RecordFlags.ServeStaleOnce) != RecordFlags.None;
}
