using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// The marks of tags, patterns and everything since the last pass of the sweep. Filled under the horizon's lock; read by one
/// pass, after it was taken out.
/// </summary>
internal sealed class SweepBatch
{
    /// <summary>Small enough that the list stays out of the large-object heap, whose collection would cost more than the marks.</summary>
    public const int Capacity = 8_192;

    private readonly List<SweepMark> _marks = [];
    private List<TakenEntry>? _taken;
    private Dictionary<string, List<SweepMark>>? _byTag;
    private List<SweepMark>? _others;

    /// <summary>A pass is to come soon for it. What is lazy, and what reads took out, waits for the next one that comes anyway.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>Marks have been left out.</summary>
    public bool IsFull => _marks.Count == Capacity;

    /// <param name="sequence">The record's place.</param>
    /// <param name="target">One of its targets.</param>
    /// <param name="operation">The operation that raised it, if it is this node's.</param>
    /// <param name="index">The target's place in the record.</param>
    /// <param name="isLazy">No pass is started for it.</param>
    public void Add(long sequence, in InvalidationTarget target, Operation? operation, int index = 0, bool isLazy = false)
    {
        IsUrgent |= !isLazy;
        if (_marks.Count < Capacity)
        {
            var ticket = operation is null ? null : operation.Sweep ??= new SweepTicket();
            _marks.Add(new SweepMark(sequence, target, ticket, operation?.CounterOf(index)));
            return;
        }

        // Beyond the capacity what goes is still removed; it is reported under the last invalidation that has a ticket.
        if (operation is not null)
            operation.Sweep ??= _marks[^1].Ticket ?? Finished();
    }

    /// <summary>It was taken out before the pass that counts it: by a read, or by a pass that began before its mark was there.</summary>
    public void Took(Stamped entry)
    {
        if ((_taken ??= []).Count < Capacity)
            _taken.Add(new TakenEntry(entry.Key, entry.Tags.Tags, entry.Stamp));
    }

    /// <summary>The mark of the oldest invalidation that took the entry; null if it is none of these.</summary>
    public SweepMark? TakerOf(Stamped entry) => TakerOf(entry.Key, entry.Tags.Tags, entry.Stamp);

    private SweepMark? TakerOf(string key, string[] tags, long stamp)
    {
        if (_byTag is null)
            Index();
        SweepMark? oldest = null;
        foreach (var tag in tags)
        {
            if (_byTag!.TryGetValue(tag, out var marks))
                oldest = Older(oldest, marks.Find(m => m.Sequence > stamp));
        }

        if (Array.IndexOf(tags, KeyMark.AnyRecord) >= 0)
            oldest = Older(oldest, _marks.Find(m => m.Sequence > stamp));
        foreach (var mark in _others!)
        {
            if (mark.Sequence > stamp && mark.Target.Concerns(key, tags))
                oldest = Older(oldest, mark);
        }

        return oldest;
    }

    /// <summary>The pass has gone through every cache.</summary>
    public void Finish()
    {
        foreach (var (key, tags, stamp) in _taken ?? [])
            TakerOf(key, tags, stamp)?.Count();
        foreach (var mark in _marks)
            mark.Ticket?.Finish();
    }

    private void Index()
    {
        // An own record may be told before it is acknowledged: of the two the one with the ticket counts.
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

    private static SweepMark? Older(SweepMark? a, SweepMark? b) => a is null || (b is not null && b.Sequence < a.Sequence) ? b : a;

    private static SweepTicket Finished()
    {
        var ticket = new SweepTicket();
        ticket.Finish();
        return ticket;
    }

    /// <summary>What is left of an entry that a read took out: its value is free already.</summary>
    private readonly record struct TakenEntry(string Key, string[] Tags, long Stamp);
}
