using Unstale.Log;
using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Marks of tags, selectors and "everything" since the last pass of the sweep. Filled under the horizon's lock, then detached and read by one pass.
/// </summary>
internal sealed class SweepQueue
{
    /// <summary>
    /// Maximum number of marks. Small enough to stay out of the large object heap, whose collection would cost more than the marks.
    /// </summary>
    public const int Capacity = 8_192;

    private readonly List<ISweepMark> _marks = [];
    private List<TakenEntry>? _taken;
    private Dictionary<string, List<ISweepMark>>? _byTag;
    private List<ISweepMark>? _others;

    /// <summary>Whether a pass must follow soon. Lazy marks, and entries removed by reads, wait for the next regular pass.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>Whether the batch is full. Further marks are left out.</summary>
    public bool IsFull => _marks.Count == Capacity;

    /// <param name="sequence">Sequence of the record.</param>
    /// <param name="target">Target of the record.</param>
    /// <param name="own">Invalidation that raised the record, if raised on this node. May itself be the mark of its target.</param>
    /// <param name="index">Index of the target in the record.</param>
    /// <param name="isLazy">Whether the mark starts no pass.</param>
    public void Add(long sequence, in InvalidationTarget target, IRaisedInvalidation? own, int index = 0, bool isLazy = false)
    {
        IsUrgent |= !isLazy;
        if (_marks.Count < Capacity)
        {
            var ticket = own is null ? null : own.Sweep ??= own.NewTicket();
            _marks.Add(own is ISweepMark mark && mark.Target == target ? mark : new SweepItem(sequence, target, ticket, own?.CounterOf(index)));
            return;
        }

        // Above the capacity, entries are still removed, and reported under the last invalidation with a ticket.
        if (own is not null)
            own.Sweep ??= _marks[^1].Ticket ?? Finished();
    }

    /// <summary>Records an entry removed before the pass that counts it: by a read, or by a pass that began before the mark was added.</summary>
    public void AddRemoved(StampedEntry entry)
    {
        if ((_taken ??= []).Count < Capacity)
            _taken.Add(new TakenEntry(entry.Key, entry.Tags, entry.Stamp));
    }

    /// <summary>Returns the mark of the oldest invalidation of the entry; null if no mark of the batch concerns the entry.</summary>
    public ISweepMark? CauseOf(StampedEntry entry) => CauseOf(entry.Key, entry.Tags.Names, entry.Stamp);

    private ISweepMark? CauseOf(string key, ReadOnlySpan<string> tags, long stamp)
    {
        if (_byTag is null)
            Index();
        ISweepMark? oldest = null;
        foreach (var tag in tags)
        {
            if (_byTag!.TryGetValue(tag, out var marks))
                oldest = Older(oldest, marks.Find(m => m.Sequence > stamp));
        }

        if (tags.Contains(DependencyTag.AnyRecord))
            oldest = Older(oldest, _marks.Find(m => m.Sequence > stamp));
        foreach (var mark in _others!)
        {
            if (mark.Sequence > stamp && mark.Target.Concerns(key, tags))
                oldest = Older(oldest, mark);
        }

        return oldest;
    }

    /// <summary>Ends the batch after a pass through every cache.</summary>
    public void Finish()
    {
        foreach (var (key, tags, stamp) in _taken ?? [])
            CauseOf(key, tags.Names, stamp)?.Count();
        foreach (var mark in _marks)
            mark.Ticket?.Finish();
    }

    private void Index()
    {
        // An own record may be pushed before its acknowledgement: of the two marks, the one with the ticket counts.
        _marks.Sort((a, b) => (a.Sequence, a.Ticket is null).CompareTo((b.Sequence, b.Ticket is null)));
        _byTag = new(StringComparer.Ordinal);
        _others = [];
        foreach (var mark in _marks)
        {
            if (mark.Target.Kind != TargetKind.Tag)
                _others.Add(mark);
            else if (_byTag.TryGetValue(mark.Target.Text, out var marks))
                marks.Add(mark);
            else
                _byTag.Add(mark.Target.Text, [mark]);
        }
    }

    private static ISweepMark? Older(ISweepMark? a, ISweepMark? b) => a is null || (b is not null && b.Sequence < a.Sequence) ? b : a;

    private static SweepResult Finished()
    {
        var ticket = new SweepResult();
        ticket.Finish();
        return ticket;
    }

    /// <summary>Remainder of an entry removed by a read. The value is already released.</summary>
    private readonly record struct TakenEntry(string Key, TagSet Tags, long Stamp);
}
