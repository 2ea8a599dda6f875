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

    private readonly List<Item> _items = [];
    private Dictionary<string, List<Item>>? _byTag;
    private List<Item>? _others;

    public bool IsEmpty => _items.Count == 0;

    public void Add(long sequence, in InvalidationTarget target, Operation? operation)
    {
        if (_items.Count < Capacity)
        {
            _items.Add(new Item(sequence, target, operation is null ? null : operation.Sweep ??= new SweepTicket()));
            return;
        }

        // Beyond the capacity what goes is still removed; it is reported under the last invalidation that has a ticket.
        if (operation is not null)
            operation.Sweep ??= _items[^1].Ticket ?? Finished();
    }

    /// <summary>The ticket of the oldest invalidation that took the entry; null if another node raised it, or none of these did.</summary>
    public SweepTicket? TicketOf(Stamped entry)
    {
        if (_byTag is null)
            Index();
        Item? oldest = null;
        foreach (var tag in entry.Tags.Tags)
        {
            if (_byTag!.TryGetValue(tag, out var items))
                oldest = Older(oldest, items.Find(i => i.Sequence > entry.Stamp));
        }

        foreach (var item in _others!)
        {
            if (item.Sequence > entry.Stamp && item.Target.Concerns(entry.Key, entry.Tags.Tags))
                oldest = Older(oldest, item);
        }

        return oldest?.Ticket;
    }

    public void Finish()
    {
        foreach (var item in _items)
            item.Ticket?.Finish();
    }

    private void Index()
    {
        // An own record may be told before it is acknowledged: of the two the one with the ticket counts.
        _items.Sort((a, b) => (a.Sequence, a.Ticket is null).CompareTo((b.Sequence, b.Ticket is null)));
        _byTag = new(StringComparer.Ordinal);
        _others = [];
        foreach (var item in _items)
        {
            if (item.Target.Kind != TargetKind.Tag)
                _others.Add(item);
            else if (_byTag.TryGetValue(item.Target.Text, out var items))
                items.Add(item);
            else
                _byTag.Add(item.Target.Text, [item]);
        }
    }

    private static Item? Older(Item? a, Item? b) => a is null || (b is not null && b.Sequence < a.Sequence) ? b : a;

    private static SweepTicket Finished()
    {
        var ticket = new SweepTicket();
        ticket.Finish();
        return ticket;
    }

    private sealed record Item(long Sequence, InvalidationTarget Target, SweepTicket? Ticket);
}
