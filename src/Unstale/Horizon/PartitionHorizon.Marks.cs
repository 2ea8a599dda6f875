using Unstale.Log;

namespace Unstale.Horizon;

/// <content>Marks of invalidations: cells, stripes, selectors, the floor.</content>
internal sealed partial class PartitionHorizon
{
    private readonly PendingKeys _pendingKeys = new();

    /// <summary>Pending keys whose records invalidate only the declared dependents that they name.</summary>
    private readonly PendingKeys _directlyPendingKeys = new();

    /// <summary>Number of the newest selector at given times, oldest first.</summary>
    private readonly Queue<(long Time, int Number)> _broadAges = new();

    /// <summary>Own operations not yet in the log. Used to explain removals.</summary>
    private readonly HashSet<Operation> _pending = [];
    private int _everythingPending;
    private long _floor;
    private long _everything;

    /// <summary>Marks the targets of a record that was applied in order or acknowledged out of order.</summary>
    private void Mark(long sequence, InvalidationRecord record, Operation? own)
    {
        var targets = record.Targets;
        Tags.AnyRecord.Raise(sequence, IsSoft(record.Flags));
        for (var i = 0; i < targets.Length; i++)
            Mark(sequence, targets[i], record.Flags, own, i);
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
            View.RaiseRevision();
    }

    /// <param name="sequence">Sequence of the record.</param>
    /// <param name="target">Target of the record.</param>
    /// <param name="flags">Flags of the record.</param>
    /// <param name="own">Operation that raised the record, if raised on this node.</param>
    /// <param name="index">Index of the target in the record.</param>
    private void Mark(long sequence, in InvalidationTarget target, RecordFlags flags, Operation? own, int index)
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
                break;
            case TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf:
                if (!IsKept(sequence, target))
                    AddBroad(target, sequence);
                break;
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

    private void Drop(string key, long below, Operation? own, int index)
    {
        foreach (var member in _members)
        {
            var dropped = member.Drop(key, below);
            if (dropped > 0)
                own?.CountRemoved(index, dropped);
        }
    }

    private static bool IsLazy(RecordFlags flags) => (flags & RecordFlags.Lazy) != RecordFlags.None;

    private static bool IsDirect(RecordFlags flags) => (flags & RecordFlags.DirectDependents) != RecordFlags.None;

    private static bool IsSoft(RecordFlags flags) => (flags & RecordFlags.ServeStaleOnce) != RecordFlags.None;

    private bool IsKept(long sequence, in InvalidationTarget target)
    {
        foreach (var kept in View.Broad)
        {
            if (kept.Effective == sequence && kept.Target == target)
                return true;
        }

        return false;
    }

    private BroadRecord AddBroad(in InvalidationTarget target, long sequence)
    {
        if (View.BroadCount == int.MaxValue)
            NumberAnew();
        var record = new BroadRecord(target, sequence) { Number = View.BroadCount + 1 };
        var kept = WithoutCovered(target, sequence);
        var drop = kept.Length < _settings.BroadKept ? -1 : Array.FindIndex(kept, b => !b.IsPending);
        if (drop >= 0)
            NoteDropped(kept[drop]);

        PublishBroad(drop < 0 ? [.. kept, record] : [.. kept.AsSpan(0, drop), .. kept.AsSpan(drop + 1), record]);

        // Written after the list: a reader that sees this count also finds the record.
        Volatile.Write(ref View.BroadCount, record.Number);
        return record;
    }

    /// <summary>
    /// Restarts the numbers of selectors after the maximum. Entries are compared by these numbers, so all entries are forgotten. Dropped selectors
    /// get the first number, stored ones the next.
    /// </summary>
    private void NumberAnew()
    {
        View.EndEpoch();
        Forget(isBroken: false, _cursor);
        View.BroadDroppedNumber = 1;
        var number = 1;
        foreach (var kept in View.Broad)
            kept.Number = ++number;
        Volatile.Write(ref View.BroadCount, number);
        _broadAges.Clear();
    }

    /// <summary>
    /// Returns the selectors without earlier ones of the same target. An earlier selector adds nothing: an entry not yet compared with it has not
    /// been compared with the new one either.
    /// </summary>
    private BroadRecord[] WithoutCovered(InvalidationTarget target, long sequence)
    {
        bool IsCovered(BroadRecord kept) => kept.Effective <= sequence && kept.Target == target;

        // A pending selector may be replaced by a broader invalidation, and the earlier selector would be lost with it.
        return sequence != BroadRecord.Pending && Array.Exists(View.Broad, IsCovered) ? [.. View.Broad.Where(b => !IsCovered(b))] : View.Broad;
    }

    /// <summary>
    /// Drops old selectors. The sweep has compared every entry with them since. A load older than a dropped selector is not stored.
    /// </summary>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    public void DropOldBroad(long now)
    {
        if (_broadAges.Count == 0 || now - _broadAges.Last().Time >= _settings.BroadLife / 8)
            _broadAges.Enqueue((now, View.BroadCount));
        var old = 0;
        while (_broadAges.TryPeek(out var age) && now - age.Time >= _settings.BroadLife)
            old = _broadAges.Dequeue().Number;
        if (!Array.Exists(View.Broad, IsOld))
            return;
        foreach (var broad in View.Broad.Where(IsOld))
            NoteDropped(broad);
        PublishBroad([.. View.Broad.Where(b => !IsOld(b))]);

        bool IsOld(BroadRecord broad) => broad.Number <= old && !broad.IsPending;
    }

    /// <summary>
    /// Records a dropped selector before the list without it is published. A hit that no longer finds the selector must find the recorded sequence.
    /// </summary>
    private void NoteDropped(BroadRecord broad)
    {
        View.BroadDroppedNumber = Math.Max(View.BroadDroppedNumber, broad.Number);
        Volatile.Write(ref View.BroadDropped, Math.Max(View.BroadDropped, broad.Effective));
    }

    private void PublishBroad(BroadRecord[] records) => Volatile.Write(ref View.Broad, records);

    private void PublishFloor() => Volatile.Write(ref View.Floor, _everythingPending > 0 ? long.MaxValue : _floor);

    /// <summary>Marks an operation as pending: raised here, not acknowledged, and above every stamp until then.</summary>
    private void Pend(Operation operation)
    {
        operation.IsPending = true;
        _pending.Add(operation);
        Tags.AnyRecord.Pend(1, IsSoft(operation.Record.Flags));
        var targets = operation.Record.Targets;
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
                    Tags.HoldCell(target.Text).Pend(1, IsSoft(operation.Record.Flags));
                    break;
                case TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf:
                    (operation.PendingBroad ??= []).Add(AddBroad(target, BroadRecord.Pending));
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
    /// Ends the pending state set by <see cref="Pend"/>, at the record's sequence. The sequence is marked before, because hits take no lock and must
    /// not see a gap. The sequence is null if a broader invalidation has replaced the operation.
    /// </summary>
    private void Unpend(Operation operation, long? sequence)
    {
        if (!operation.IsPending)
            return;
        operation.IsPending = false;
        _pending.Remove(operation);
        Tags.AnyRecord.EndPending(sequence ?? 0, IsSoft(operation.Record.Flags));
        foreach (ref readonly var target in operation.Record.Targets)
            Unpend(target, sequence ?? 0, operation.Record.Flags);
        if (operation.PendingBroad is not { } pending)
            return;
        operation.PendingBroad = null;
        foreach (var broad in pending)
            Volatile.Write(ref broad.Effective, sequence ?? 0);
        if (sequence is null)
            PublishBroad([.. View.Broad.Except(pending)]);
    }

    private void PendKey(string key, bool isDirect)
    {
        _pendingKeys.Add(key);
        if (Tags.Keys.TryFind(key, out var mark))
            mark.Pend(1);
        if (isDirect)
            _directlyPendingKeys.Add(key);
        else if (Tags.Declared.TryFind(key, out var declared))
            declared.Pend(1);
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

    private void Unpend(in InvalidationTarget target, long sequence, RecordFlags flags)
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
            case TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf:
                break;
            default:
                _floor = Math.Max(_floor, sequence);
                _everythingPending--;
                PublishFloor();
                break;
        }
    }

    /// <summary>True while an invalidation of the key or of one of the tags is pending. The second level is not read during this time.</summary>
    private bool IsPending(string key, TagSet tags)
    {
        if (_everythingPending > 0 || _pendingKeys.Contains(key))
            return true;
        foreach (var cell in tags.Cells)
        {
            if (cell.IsPending)
                return true;
        }

        foreach (var broad in View.Broad)
        {
            if (broad.IsPending && broad.Target.Concerns(key, tags.Names))
                return true;
        }

        return false;
    }
}
