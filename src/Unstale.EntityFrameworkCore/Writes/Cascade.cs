using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>
/// Foreign key whose dependent rows the database deletes, or sets to null, when it deletes the referenced row. The rows of the first level are known by the
/// key, and those of further levels are unknown.
/// </summary>
/// <param name="constraint">Constraint of the dependent table.</param>
/// <param name="principalKey">Columns of the primary key of the referenced table.</param>
internal sealed class Cascade(IForeignKeyConstraint constraint, string[] principalKey)
{
    private readonly string[] _columns = [.. constraint.Columns.Select(static column => column.Name)];
    private readonly string[] _principal = [.. constraint.PrincipalColumns.Select(static column => column.Name)];

    /// <summary>Returns whether the database changes the dependent rows of a constraint.</summary>
    public static bool IsCascading(IForeignKeyConstraint constraint) =>
        constraint.OnDeleteAction is ReferentialAction.Cascade or ReferentialAction.SetNull or ReferentialAction.SetDefault;

    /// <summary>Returns the changes of all tables that the deletion of unknown rows of a table may cause.</summary>
    public static List<RowChange> AllOf(MappedTable table, DbContext context)
    {
        var changes = new List<RowChange>();
        AddUnknown(changes, table, context, []);
        return changes;
    }

    /// <summary>Adds the changes caused by the deletion of one row.</summary>
    /// <param name="changes">Changes to add to.</param>
    /// <param name="row">Deleted row.</param>
    public void AddTo(List<RowChange> changes, DeletedRow row)
    {
        var table = MappedTable.Of(constraint.Table, row.Context);
        var old = _principal.All(principalKey.Contains) ? KeyOf(table, row) : ColumnValues.Unknown;
        changes.Add(ChangeOf(table, old));
        if (constraint.OnDeleteAction == ReferentialAction.Cascade)
            AddUnknown(changes, table, row.Context, [this]);
    }

    private static void AddUnknown(List<RowChange> changes, MappedTable table, DbContext context, HashSet<Cascade> added)
    {
        foreach (var cascade in table.Cascades)
        {
            if (added.Add(cascade))
                cascade.AddUnknown(changes, context, added);
        }
    }

    private void AddUnknown(List<RowChange> changes, DbContext context, HashSet<Cascade> added)
    {
        var table = MappedTable.Of(constraint.Table, context);
        changes.Add(ChangeOf(table, ColumnValues.Unknown));
        if (constraint.OnDeleteAction == ReferentialAction.Cascade)
            AddUnknown(changes, table, context, added);
    }

    private RowChange ChangeOf(MappedTable table, ColumnValues old) => constraint.OnDeleteAction switch
    {
        ReferentialAction.Cascade => new RowChange(table.Name, RowOperation.Delete) { Old = old },
        ReferentialAction.SetNull => new RowChange(table.Name, RowOperation.Update)
        {
            Old = old,
            New = new([.. _columns.Select(static column => KeyValuePair.Create(column, ColumnValue.Null))]),
            Changed = [.. _columns.Union(table.Refreshed, StringComparer.Ordinal)],
        },
        _ => new RowChange(table.Name, RowOperation.Update) { Old = old, Changed = [.. _columns.Union(table.Refreshed, StringComparer.Ordinal)] },
    };

    private ColumnValues KeyOf(MappedTable table, DeletedRow row)
    {
        var key = new List<KeyValuePair<string, ColumnValue>>(_columns.Length);
        for (var i = 0; i < _columns.Length; i++)
        {
            var form = table.FormOf((IColumnMapping)constraint.Columns[i].PropertyMappings[0]);
            if (form is not null && row.Key.TryGetValue(_principal[i], out var value) && form.TryCreate(value, row.Hash, out var known))
                key.Add(new(_columns[i], known));
        }

        return new([.. key]);
    }
}

/// <summary>Row that a write has deleted.</summary>
/// <param name="Key">Values of the primary key, by column.</param>
/// <param name="Hash">Creates the forms of values.</param>
/// <param name="Context">Context of the write.</param>
internal sealed record DeletedRow(IReadOnlyDictionary<string, object?> Key, ColumnHash Hash, DbContext Context);
