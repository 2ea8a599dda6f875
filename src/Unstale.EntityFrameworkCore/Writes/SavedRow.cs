using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Update;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Saved entity in one row.</summary>
internal readonly record struct SavedPart(IUpdateEntry Entry, MappedRow Row)
{
    /// <summary>Returns an object that is equal for all entities in the row.</summary>
    public object Key()
    {
        object? single = null;
        StringBuilder? several = null;
        foreach (var column in Row.Columns)
        {
            if (!column.IsKey)
                continue;
            var value = Entry.GetCurrentValue(column.Property);
            if (Row.Table.Key.Length == 1)
                single = value;
            else
                (several ??= new()).Append(CultureInfo.InvariantCulture, $"{column.Name}={value};");
        }

        return single ?? several?.ToString() ?? string.Empty;
    }
}

/// <summary>Row of one table that a call of SaveChanges has written, with all saved entities that share the row.</summary>
/// <param name="hash">Creates the forms.</param>
/// <param name="context">Context of the entities.</param>
/// <param name="stored">Rows before the save; null if they were not read.</param>
internal sealed class SavedRow(ColumnHash hash, DbContext context, StoredRows? stored)
{
    private readonly List<SavedPart> _parts = new(1);
    private readonly List<KeyValuePair<string, ColumnValue>> _old = [];
    private readonly List<KeyValuePair<string, ColumnValue>> _new = [];
    private readonly List<string> _changed = [];

    private MappedTable Table => _parts[0].Row.Table;

    public void Add(in SavedPart part) => _parts.Add(part);

    /// <summary>Begins another row.</summary>
    public void Begin(in SavedPart part)
    {
        _parts.Clear();
        _parts.Add(part);
    }

    /// <summary>Adds the changes of the row, with those that the database makes in other tables.</summary>
    public void AddTo(List<RowChange> changes)
    {
        var (inserted, deleted) = (Has(EntityState.Added), Has(EntityState.Deleted));
        if (deleted)
            AddDeletion(changes);
        if (inserted)
            changes.Add(Insertion());
        if (!inserted && !deleted && Update() is { } update)
            changes.Add(update);
    }

    private bool Has(EntityState state)
    {
        foreach (var (entry, row) in _parts)
        {
            if (!row.IsDependent && entry.EntityState == state)
                return true;
        }

        return false;
    }

    private void Clear()
    {
        _old.Clear();
        _new.Clear();
        _changed.Clear();
    }

    private RowChange Insertion()
    {
        Clear();
        foreach (var (entry, row) in _parts)
        {
            if (entry.EntityState != EntityState.Added)
                continue;
            foreach (var column in row.Columns)
                AddNew(entry, column);
        }

        return new RowChange(Table.Name, RowOperation.Insert) { New = new([.. _new]) };
    }

    private void AddDeletion(List<RowChange> changes)
    {
        Clear();
        AddStored();
        var key = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (entry, row) in _parts)
        {
            if (entry.EntityState != EntityState.Deleted)
                continue;
            foreach (var column in row.Columns)
            {
                AddChecked(entry, column);
                if (column.IsKey)
                    key[column.Name] = OriginalOf(entry, column);
            }
        }

        changes.Add(new RowChange(Table.Name, RowOperation.Delete) { Old = new([.. _old]) });
        foreach (var cascade in Table.Cascades)
            cascade.AddTo(changes, new DeletedRow(key, hash, context));
    }

    private RowChange? Update()
    {
        Clear();
        AddStored();
        foreach (var (entry, row) in _parts)
        {
            AddChanged(row.Documents);
            foreach (var column in row.Columns)
            {
                var isWritten = !column.IsKey && (entry.EntityState != EntityState.Modified || entry.IsModified(column.Property));
                if (isWritten)
                    AddChanged(column.Name);
                if (entry.EntityState == EntityState.Modified || column.IsKey)
                    AddChecked(entry, column);
                if (entry.EntityState != EntityState.Deleted && (isWritten || entry.HasStoreGeneratedValue(column.Property)))
                    AddNew(entry, column);
            }
        }

        if (_changed.Count == 0)
            return null; // the row of another table of the entity
        AddChanged(Table.Refreshed);
        AddUnchanged();
        return new RowChange(Table.Name, RowOperation.Update) { Old = new([.. _old]), New = new([.. _new]), Changed = [.. _changed] };
    }

    private void AddStored()
    {
        if (stored is not null)
            _old.AddRange(stored.Of(_parts[0]));
    }

    /// <summary>Adds the value after the save, unless the database has generated a value that was not read.</summary>
    private void AddNew(IUpdateEntry entry, MappedColumn column)
    {
        var property = column.Property;
        if (entry.HasTemporaryValue(property))
            return;
        if (column.IsGenerated && !column.IsKey && !entry.HasStoreGeneratedValue(property) && !entry.HasExplicitValue(property))
            return;
        AddValue(_new, column, entry.GetCurrentValue(property));
    }

    /// <summary>Adds the value before the save if the database has checked it: the key, a concurrency token, or all columns with a version of the row.</summary>
    private void AddChecked(IUpdateEntry entry, MappedColumn column)
    {
        if (column.IsKey || column.IsToken || (Table.HasRowVersion && LoadedEntities.Contains(entry)))
            AddValue(_old, column, OriginalOf(entry, column));
    }

    private static object? OriginalOf(IUpdateEntry entry, MappedColumn column) =>
        entry.CanHaveOriginalValue(column.Property) ? entry.GetOriginalValue(column.Property) : entry.GetCurrentValue(column.Property);

    private void AddUnchanged()
    {
        foreach (var (column, value) in _old)
        {
            if (!_changed.Contains(column) && !Has(_new, column))
                _new.Add(new(column, value));
        }
    }

    private void AddValue(List<KeyValuePair<string, ColumnValue>> values, MappedColumn column, object? value)
    {
        if (column.Form is not null && !Has(values, column.Name) && column.Form.TryCreate(value, hash, out var form))
            values.Add(new(column.Name, form));
    }

    private void AddChanged(params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns)
        {
            if (!_changed.Contains(column))
                _changed.Add(column);
        }
    }

    private static bool Has(List<KeyValuePair<string, ColumnValue>> values, string column)
    {
        foreach (var (name, _) in values)
        {
            if (string.Equals(name, column, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
