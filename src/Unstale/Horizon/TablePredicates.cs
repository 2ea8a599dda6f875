using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>
/// Held predicates of one table, indexed by their homes, with the newest changes of the table. A predicate held late is compared with them, and with the
/// cells of forgotten changes. All members require the horizon's lock.
/// </summary>
internal sealed class TablePredicates
{
    /// <summary>Maximum number of columns with cells. A predicate on other columns is compared with every forgotten change.</summary>
    private const int MostHomes = 16;

    private readonly Dictionary<string, ColumnIndex> _columns = new(StringComparer.Ordinal);
    private readonly HashSet<HeldPredicate> _homeless = [];
    private readonly Dictionary<string, HomeCells> _homes = new(StringComparer.Ordinal);
    private readonly (RowChange Change, long Sequence)[] _recent;
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
    /// <param name="kept">Number of changes with which a new predicate is compared.</param>
    public TablePredicates(string table, long floor, IEnumerable<RowChange> pending, int kept)
    {
        _floor = floor;
        _recent = new (RowChange, long)[kept];
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
        AddHomes(held.Predicate);
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
                    index.Find(column, change.Old, change.New, _find);
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
        ref var place = ref _recent[_changes++ % _recent.Length];
        if (place.Change is { } forgotten)
            Forget(forgotten, place.Sequence);
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
        foreach (var cells in _homes.Values)
            cells.ResetTo(sequence);
    }

    private void Forget(RowChange change, long sequence)
    {
        _floor = Math.Max(_floor, sequence);
        foreach (var cells in _homes.Values)
            cells.Raise(change, sequence);
    }

    /// <summary>Adds cells for each column of a set. They begin with the next forgotten change.</summary>
    private void AddHomes(RowPredicate predicate)
    {
        foreach (var term in predicate.Terms)
        {
            if (!term.IsRange && _homes.Count < MostHomes && !_homes.ContainsKey(term.Column))
                _homes.Add(term.Column, new HomeCells(term.Column, _floor));
        }
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
        var newest = NewestForgotten(predicate);
        for (var i = Math.Max(0, _changes - _recent.Length); i < _changes; i++)
        {
            var (change, sequence) = _recent[i % _recent.Length];
            if (sequence > newest && predicate.IsHitBy(change))
                newest = sequence;
        }

        return newest;
    }

    /// <summary>A change that hits has a value of every term, so the lowest cell decides.</summary>
    private long NewestForgotten(RowPredicate predicate)
    {
        var newest = _floor;
        foreach (var term in predicate.Terms)
        {
            if (_homes.TryGetValue(term.Column, out var cells) && cells.NewestOf(term) is { } sequence)
                newest = Math.Min(newest, sequence);
        }

        return newest;
    }
}
