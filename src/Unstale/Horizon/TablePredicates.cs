using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>
/// Held predicates of one table, indexed by their homes, with the newest changes of the table. A predicate held late is compared with them. All members
/// require the horizon's lock.
/// </summary>
internal sealed class TablePredicates
{
    /// <summary>Number of changes with which a new predicate is compared.</summary>
    private const int Kept = 256;

    private readonly Dictionary<string, ColumnIndex> _columns = new(StringComparer.Ordinal);
    private readonly HashSet<HeldPredicate> _homeless = [];
    private readonly (RowChange Change, long Sequence)[] _recent = new (RowChange, long)[Kept];
    private readonly List<RowChange> _pending = [];
    private readonly List<HeldPredicate> _found = [];
    private readonly Action<HeldPredicate> _find;
    private RowChange? _current;
    private long _searches;
    private long _changes;

    /// <summary>Highest sequence of a change that is no longer among the recent ones.</summary>
    private long _floor;

    /// <param name="table">Name of the table.</param>
    /// <param name="floor">Sequence up to which changes of the table are unknown.</param>
    /// <param name="pending">Changes of the table that are pending.</param>
    public TablePredicates(string table, long floor, IEnumerable<RowChange> pending)
    {
        _floor = floor;
        _pending.AddRange(pending);
        Unknown = RowChange.OfTable(table);
        _find = Find;
    }

    /// <summary>Change of the table of which nothing is known.</summary>
    public RowChange Unknown { get; }

    /// <summary>Adds a predicate, and raises its cell to the newest change that hits.</summary>
    public void Add(HeldPredicate held)
    {
        if (held.Predicate.Home is not { } home)
            _homeless.Add(held);
        else if (_columns.TryGetValue(home.Column, out var index))
            index.Add(held);
        else
            Index(home.Column).Add(held);
        held.Cell.Raise(NewestHit(held.Predicate));
        foreach (var change in _pending)
        {
            if (held.Predicate.IsHitBy(change))
                held.Cell.AddPending(1);
        }
    }

    public void Remove(HeldPredicate held)
    {
        if (held.Predicate.Home is { } home)
            _columns[home.Column].Remove(held);
        else
            _homeless.Remove(held);
    }

    /// <summary>Returns the predicates that a change hits, each once. The list is valid until the next call.</summary>
    public IReadOnlyList<HeldPredicate> HitBy(RowChange change)
    {
        _found.Clear();
        _searches++;
        _current = change;
        foreach (var held in _homeless)
            Find(held);
        foreach (var (column, index) in _columns)
        {
            switch (change.Operation)
            {
                case RowOperation.Insert:
                    index.Find(column, change.New, _find);
                    break;
                case RowOperation.Delete:
                    index.Find(column, change.Old, _find);
                    break;
                case RowOperation.Update:
                    index.Find(column, change.Old, _find);
                    index.Find(column, change.New, _find);
                    break;
                default:
                    index.FindAll(_find);
                    break;
            }
        }

        return _found;
    }

    /// <summary>Notes a change for predicates held later.</summary>
    public void Note(RowChange change, long sequence)
    {
        ref var place = ref _recent[_changes++ % Kept];
        _floor = Math.Max(_floor, place.Sequence);
        place = (change, sequence);
    }

    public void AddPending(RowChange change) => _pending.Add(change);

    public void EndPending(RowChange change)
    {
        var at = _pending.FindIndex(pending => pending == change || (pending.Operation == RowOperation.Any && change.Operation == RowOperation.Any));
        if (at >= 0)
            _pending.RemoveAt(at);
    }

    /// <summary>Forgets all changes of another generation. Pending ones remain.</summary>
    public void ResetTo(long sequence)
    {
        Array.Clear(_recent);
        _changes = 0;
        _floor = sequence;
    }

    private ColumnIndex Index(string column)
    {
        var index = new ColumnIndex();
        _columns.Add(column, index);
        return index;
    }

    private void Find(HeldPredicate held)
    {
        if (held.FoundBy == _searches || !held.Predicate.IsHitBy(_current!))
            return;
        held.FoundBy = _searches;
        _found.Add(held);
    }

    /// <summary>Returns a sequence that is not below the newest change that hits.</summary>
    private long NewestHit(RowPredicate predicate)
    {
        var newest = _floor;
        for (var i = Math.Max(0, _changes - Kept); i < _changes; i++)
        {
            var (change, sequence) = _recent[i % Kept];
            if (sequence > newest && predicate.IsHitBy(change))
                newest = sequence;
        }

        return newest;
    }
}
