using Unstale.Log;
using Unstale.Predicates;
using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Cells of held predicates, by name and by table. A record of a row raises the cells of the predicates that it hits. All members require the horizon's
/// lock.
/// </summary>
/// <param name="stripes">Newest invalidations of tables whose changes were not noted.</param>
/// <param name="pendingOf">Returns the pending changes of a table.</param>
/// <param name="recentChanges">Number of changes of a table that are compared with a predicate held later.</param>
internal sealed class PredicateTable(StripedSequences stripes, Func<string, IEnumerable<RowChange>> pendingOf, int recentChanges)
{
    /// <summary>Maximum number of predicates. Above it, a value depends on the table in place of the predicate.</summary>
    private const int MostPredicates = 200_000;

    /// <summary>Maximum number of tables. A value that depends on another table depends on every record.</summary>
    private const int MostTables = 1_024;

    private readonly Dictionary<string, HeldPredicate> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TablePredicates> _tables = new(StringComparer.Ordinal);

    public int Count => _byName.Count;

    /// <summary>Returns the cell of a predicate, or of its table above the maximum; null if the name cannot be followed.</summary>
    public TagCell? FindOrAdd(string name)
    {
        if (_byName.TryGetValue(name, out var held))
            return held.Cell;
        if (RowText.ParsePredicate(name) is not { } predicate || Table(predicate.Table) is not { } table)
            return null;
        if (_byName.Count >= MostPredicates && predicate.HasConditions)
            return FindOrAdd(RowPredicate.OfTable(predicate.Table).Name);
        held = new HeldPredicate(predicate, new TagCell(name, sequence: 0));
        _byName.Add(name, held);
        table.Add(held);
        return held.Cell;
    }

    public void Remove(string name)
    {
        if (_byName.Remove(name, out var held))
            _tables[held.Predicate.Table].Remove(held);
    }

    /// <summary>
    /// Returns the change that a target stands for: its own, or an unknown one for a tag with the name of a followed table, unless the record has a change
    /// of the table.
    /// </summary>
    public RowChange? ChangeOf(in InvalidationTarget target, ReadOnlySpan<InvalidationTarget> record)
    {
        if (target.Kind != TargetKind.Tag || _tables.Count == 0)
            return target.Change;
        return _tables.TryGetValue(target.Text, out var table) && !RowTargets.HasRowOf(record, target.Text) ? table.Unknown : null;
    }

    /// <summary>Returns the predicates that a change hits, and notes the change for predicates held later.</summary>
    public IReadOnlyList<HeldPredicate> Apply(RowChange change, long sequence)
    {
        stripes.RaiseTag(DependencyTag.ForTable(change.Table), sequence);
        if (Table(change.Table) is not { } table)
            return [];
        table.Note(change, sequence);
        return table.HitBy(change);
    }

    /// <summary>Adds the changes of a record that is pending.</summary>
    public void AddPending(ReadOnlySpan<InvalidationTarget> record)
    {
        foreach (ref readonly var target in record)
        {
            if (ChangeOf(target, record) is { } change)
                AddPending(change);
        }
    }

    /// <summary>Ends what <see cref="AddPending(ReadOnlySpan{InvalidationTarget})"/> added, at the sequence of the record; at 0 for a record that was replaced.</summary>
    public void EndPending(ReadOnlySpan<InvalidationTarget> record, long sequence)
    {
        foreach (ref readonly var target in record)
        {
            if (ChangeOf(target, record) is { } change)
                EndPending(change, sequence);
        }
    }

    public void ResetTo(long sequence)
    {
        foreach (var table in _tables.Values)
            table.ResetTo(sequence);
        foreach (var held in _byName.Values)
            held.Cell.ResetTo(sequence);
    }

    private void AddPending(RowChange change)
    {
        if (Table(change.Table) is not { } table)
            return;
        foreach (var held in table.HitBy(change))
            held.Cell.AddPending(1);
        table.AddPending(change);
    }

    private void EndPending(RowChange change, long sequence)
    {
        if (!_tables.TryGetValue(change.Table, out var table))
            return;
        table.EndPending(change);
        foreach (var held in table.HitBy(change))
            held.Cell.EndPending(sequence);
    }

    private TablePredicates? Table(string name)
    {
        if (_tables.TryGetValue(name, out var table) || _tables.Count >= MostTables)
            return table;

        // A tag with the name of the table stands for a change of which nothing is known.
        var floor = Math.Max(stripes.ForTag(DependencyTag.ForTable(name)), stripes.ForTag(name));
        table = new TablePredicates(name, floor, pendingOf(name), recentChanges);
        _tables.Add(name, table);
        return table;
    }
}
