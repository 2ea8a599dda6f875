using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// Selectors in force, numbered in order of arrival, and what is remembered of dropped ones. Writes the selectors of the view. Depends on no other
/// part of the horizon. All members require the horizon's lock.
/// </summary>
/// <param name="settings">Settings of the horizon.</param>
/// <param name="view">View that receives the selectors.</param>
/// <param name="renumbered">Called when numbering restarts, after the epoch has ended: everything held is then forgotten.</param>
internal sealed class SelectorList(HorizonSettings settings, HorizonView view, Action renumbered)
{
    /// <summary>Number of the newest selector at given times, oldest first.</summary>
    private readonly Queue<(long Time, int Number)> _ages = new();

    /// <summary>Adds a selector of a record. A record may arrive twice; the second arrival adds nothing.</summary>
    public void Apply(in InvalidationTarget target, long sequence)
    {
        if (!IsKept(target, sequence))
            Add(target, sequence);
    }

    /// <summary>Adds a selector whose record is not yet in the log. Its sequence is above every stamp until then.</summary>
    public SelectorRecord AddPending(in InvalidationTarget target) => Add(target, SelectorRecord.Pending);

    /// <summary>Gives pending selectors the sequence of their record, or removes them if a broader invalidation has replaced them.</summary>
    public void EndPending(List<SelectorRecord> pending, long? sequence)
    {
        foreach (var selector in pending)
            Volatile.Write(ref selector.Effective, sequence ?? 0);
        if (sequence is null)
            Publish([.. view.Selectors.Except(pending)]);
    }

    /// <summary>True if a pending selector matches the key or one of the tags.</summary>
    public bool IsPending(string key, ReadOnlySpan<string> tags)
    {
        foreach (var selector in view.Selectors)
        {
            if (selector.IsPending && selector.Target.Concerns(key, tags))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Drops old selectors. The sweep has compared every entry with them since. A load older than a dropped selector is not stored.
    /// </summary>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    public void DropOld(long now)
    {
        if (_ages.Count == 0 || now - _ages.Last().Time >= settings.SelectorLifetime / 8)
            _ages.Enqueue((now, view.SelectorCount));
        var old = 0;
        while (_ages.TryPeek(out var age) && now - age.Time >= settings.SelectorLifetime)
            old = _ages.Dequeue().Number;
        if (!Array.Exists(view.Selectors, IsOld))
            return;
        foreach (var selector in view.Selectors.Where(IsOld))
            NoteDropped(selector);
        Publish([.. view.Selectors.Where(b => !IsOld(b))]);

        bool IsOld(SelectorRecord selector) => selector.Number <= old && !selector.IsPending;
    }

    /// <summary>Forgets all selectors of another generation. Pending ones remain. Must follow the end of the epoch.</summary>
    public void ResetTo(long sequence)
    {
        view.DroppedSelectorSequence = sequence;
        Publish([.. view.Selectors.Where(static b => b.IsPending)]);
    }

    private bool IsKept(in InvalidationTarget target, long sequence)
    {
        foreach (var kept in view.Selectors)
        {
            if (kept.Effective == sequence && kept.Target == target)
                return true;
        }

        return false;
    }

    private SelectorRecord Add(in InvalidationTarget target, long sequence)
    {
        if (view.SelectorCount == int.MaxValue)
            NumberAnew();
        var record = new SelectorRecord(target, sequence) { Number = view.SelectorCount + 1 };
        var kept = WithoutCovered(target, sequence);
        var drop = kept.Length < settings.MaximumSelectors ? -1 : Array.FindIndex(kept, static b => !b.IsPending);
        if (drop >= 0)
            NoteDropped(kept[drop]);

        Publish(drop < 0 ? [.. kept, record] : [.. kept.AsSpan(0, drop), .. kept.AsSpan(drop + 1), record]);

        // Written after the list: a reader that sees this count also finds the record.
        Volatile.Write(ref view.SelectorCount, record.Number);
        return record;
    }

    /// <summary>
    /// Restarts the numbers of selectors after the maximum. Entries are compared by these numbers, so all entries are forgotten. Dropped selectors
    /// get the first number, stored ones the next.
    /// </summary>
    private void NumberAnew()
    {
        view.EndEpoch();
        renumbered();
        view.DroppedSelectorNumber = 1;
        var number = 1;
        foreach (var kept in view.Selectors)
            kept.Number = ++number;
        Volatile.Write(ref view.SelectorCount, number);
        _ages.Clear();
    }

    /// <summary>
    /// Returns the selectors without earlier ones of the same target. An earlier selector adds nothing: an entry not yet compared with it has not
    /// been compared with the new one either.
    /// </summary>
    private SelectorRecord[] WithoutCovered(InvalidationTarget target, long sequence)
    {
        bool IsCovered(SelectorRecord kept) => kept.Effective <= sequence && kept.Target == target;

        // A pending selector may be replaced by a broader invalidation, and the earlier selector would be lost with it.
        return sequence != SelectorRecord.Pending && Array.Exists(view.Selectors, IsCovered) ? [.. view.Selectors.Where(b => !IsCovered(b))] : view.Selectors;
    }

    /// <summary>
    /// Records a dropped selector before the list without it is published. A hit that no longer finds the selector must find the recorded sequence.
    /// </summary>
    private void NoteDropped(SelectorRecord selector)
    {
        view.DroppedSelectorNumber = Math.Max(view.DroppedSelectorNumber, selector.Number);
        Volatile.Write(ref view.DroppedSelectorSequence, Math.Max(view.DroppedSelectorSequence, selector.Effective));
    }

    private void Publish(SelectorRecord[] records) => Volatile.Write(ref view.Selectors, records);
}
