using Unstale.Predicates;
using Row = System.Collections.Generic.Dictionary<string, object?>;

namespace Unstale.Tests.Predicates;

/// <summary>A small database whose writes are reported as an application with incomplete knowledge would report them.</summary>
internal sealed class ModelDatabase
{
    private readonly Random _random;
    private readonly bool _isFull;
    private readonly Dictionary<string, Dictionary<int, Row>> _tables = new(StringComparer.Ordinal);

    /// <param name="random">Source of all choices.</param>
    /// <param name="isFull">Whether every write reports all values before and after.</param>
    public ModelDatabase(Random random, bool isFull)
    {
        (_random, _isFull) = (random, isFull);
        foreach (var (table, _) in ModelTable.Columns)
        {
            _tables[table] = [];
            for (var i = random.Next(9); i > 0; i--)
                _tables[table][random.Next(1, 12)] = [];
            foreach (var id in Ids(table))
                _tables[table][id] = NewRow(table, id);
        }
    }

    public IEnumerable<Row> Rows(string table) => _tables[table].OrderBy(static row => row.Key).Select(static row => row.Value);

    public Row? Find(string table, object? id) => id is int key && _tables[table].TryGetValue(key, out var row) ? row : null;

    /// <summary>Writes once, and returns the reported changes.</summary>
    public List<RowChange> Write()
    {
        var table = _random.Next(8) switch { < 5 => ModelTable.Products, < 7 => ModelTable.Categories, _ => ModelTable.Orders };
        var rows = _tables[table];
        var free = Enumerable.Range(1, 12).Where(id => !rows.ContainsKey(id)).ToList();
        return _random.Next(100) switch
        {
            < 24 when free.Count > 0 => Insert(table, free[_random.Next(free.Count)]),
            < 70 when rows.Count > 0 => Update(table, Any(Ids(table))),
            < 75 when rows.Count > 0 && free.Count > 0 => MoveKey(table, Any(Ids(table)), free[_random.Next(free.Count)]),
            < 85 when !_isFull => UpdateAll(table),
            < 89 when !_isFull => DeleteAll(table),
            _ when rows.Count > 0 => Delete(table, Any(Ids(table))),
            _ when free.Count > 0 => Insert(table, free[0]),
            _ => Update(table, Any(Ids(table))),
        };
    }

    private List<int> Ids(string table) => [.. _tables[table].Keys.Order()];

    private T Any<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private Row NewRow(string table, int id)
    {
        var row = ModelTable.Columns[table].ToDictionary(static column => column, column => ModelTable.ValueOf(_random, table, column), StringComparer.Ordinal);
        row["id"] = id;
        return row;
    }

    private List<RowChange> Insert(string table, int id)
    {
        var row = _tables[table][id] = NewRow(table, id);
        return [new(table, RowOperation.Insert) { New = Known(row) }];
    }

    private List<RowChange> Update(string table, int id)
    {
        var before = _tables[table][id];
        var after = new Row(before, StringComparer.Ordinal);
        var columns = ModelTable.Columns[table].Skip(1).ToList();
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            var column = Any(columns);
            after[column] = ModelTable.ValueOf(_random, table, column);
        }

        _tables[table][id] = after;
        return [Updated(table, before, after)];
    }

    /// <summary>Changes a key by SQL; the database follows in the rows that refer to it.</summary>
    private List<RowChange> MoveKey(string table, int from, int to)
    {
        _tables[table].Remove(from, out var before);
        var after = new Row(before!, StringComparer.Ordinal) { ["id"] = to };
        _tables[table][to] = after;
        var changes = new List<RowChange> { Updated(table, before!, after) };
        foreach (var (dependent, column, _) in ModelTable.Dependents[table])
        {
            foreach (var id in Ids(dependent).Where(id => _tables[dependent][id][column] is int key && key == from))
            {
                var row = _tables[dependent][id];
                var followed = new Row(row, StringComparer.Ordinal) { [column] = to };
                _tables[dependent][id] = followed;
                changes.Add(Updated(dependent, row, followed));
            }
        }

        return changes;
    }

    private List<RowChange> UpdateAll(string table)
    {
        var filter = ModelFilter.Create(_random, table, _random.Next(1, 3));
        var column = Any(ModelTable.Columns[table].Skip(1).ToList());
        var value = ModelTable.ValueOf(_random, table, column);
        foreach (var id in Ids(table).Where(id => filter.Matches(_tables[table][id])))
            _tables[table][id] = new Row(_tables[table][id], StringComparer.Ordinal) { [column] = value };
        return [new(table, RowOperation.BulkUpdate) { New = new([new(column, ModelTable.Form(value))]), Changed = [column], Where = filter.Terms }];
    }

    private List<RowChange> DeleteAll(string table)
    {
        var filter = ModelFilter.Create(_random, table, 2);
        var changes = new List<RowChange> { new(table, RowOperation.BulkDelete) { Where = filter.Terms } };
        foreach (var id in Ids(table).Where(id => filter.Matches(_tables[table][id])).ToList())
        {
            if (_tables[table].Remove(id))
                Cascade(table, id, reported: null);
        }

        ReportUnknown(table, changes);
        return changes;
    }

    private List<RowChange> Delete(string table, int id)
    {
        _tables[table].Remove(id, out var row);
        var changes = new List<RowChange> { new(table, RowOperation.Delete) { Old = Known(row!) } };
        if (_isFull)
        {
            Cascade(table, id, changes); // as change capture reports
            return changes;
        }

        foreach (var (dependent, column, setsNull) in ModelTable.Dependents[table])
        {
            ColumnValues old = new([new(column, ModelTable.Form(id))]);
            changes.Add(setsNull
                ? new(dependent, RowOperation.Update) { Old = old, New = new([new(column, ColumnValue.Null)]), Changed = [column] }
                : new(dependent, RowOperation.Delete) { Old = old });
            if (!setsNull)
                ReportUnknown(dependent, changes);
        }

        Cascade(table, id, reported: null);
        return changes;
    }

    /// <summary>Reports the dependents of rows whose keys are unknown.</summary>
    private static void ReportUnknown(string table, List<RowChange> changes)
    {
        foreach (var (dependent, column, setsNull) in ModelTable.Dependents[table])
        {
            if (changes.Exists(change => change.Table == dependent && change.Old.Items.IsEmpty && change.Operation != RowOperation.BulkDelete))
                continue;
            changes.Add(setsNull
                ? new(dependent, RowOperation.Update) { New = new([new(column, ColumnValue.Null)]), Changed = [column] }
                : new(dependent, RowOperation.Delete));
            if (!setsNull)
                ReportUnknown(dependent, changes);
        }
    }

    /// <param name="table">Table of the deleted row.</param>
    /// <param name="key">Key of the deleted row.</param>
    /// <param name="reported">Changes to which those of the dependents are added; null if nobody sees them.</param>
    private void Cascade(string table, int key, List<RowChange>? reported)
    {
        foreach (var (dependent, column, setsNull) in ModelTable.Dependents[table])
        {
            foreach (var id in Ids(dependent).Where(id => _tables[dependent][id][column] is int held && held == key).ToList())
            {
                if (!_tables[dependent].TryGetValue(id, out var row))
                    continue;
                if (setsNull)
                {
                    _tables[dependent][id] = new Row(row, StringComparer.Ordinal) { [column] = null };
                    reported?.Add(Updated(dependent, row, _tables[dependent][id]));
                    continue;
                }

                _tables[dependent].Remove(id);
                reported?.Add(new(dependent, RowOperation.Delete) { Old = Known(row) });
                Cascade(dependent, id, reported);
            }
        }
    }

    private RowChange Updated(string table, Row before, Row after)
    {
        string[] changed = [.. before.Keys.Where(column => ModelTable.Shown(before[column]) != ModelTable.Shown(after[column]))];
        return (_isFull ? 0 : _random.Next(10)) switch
        {
            0 when !_isFull => new(table, RowOperation.Update) { Old = Known(before), New = Known(after) },
            1 => new(table, RowOperation.Update) { Old = Known(before), New = Known(after), Unchanged = [.. before.Keys.Except(changed, StringComparer.Ordinal)] },
            _ => new(table, RowOperation.Update) { Old = Known(before), New = Known(after), Changed = changed },
        };
    }

    /// <summary>Returns the values that the writer knows.</summary>
    private ColumnValues Known(Row row)
    {
        var all = _isFull || _random.Next(2) == 0;
        return new([.. row.Where(_ => all || _random.Next(10) < 6).Select(static value => new KeyValuePair<string, ColumnValue>(value.Key, ModelTable.Form(value.Value)))]);
    }
}
