namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Changes of captured rows. A column whose value the server did not send, or that has no form, is in neither dictionary of a change, and is then unknown.
/// </summary>
internal static class RowChanges
{
    public static IEnumerable<Change> Inserted(CapturedShape shape, CapturedField[] row) =>
        [New(shape, IdOf(shape, row, identityOnly: false), ChangeOperation.Create) with { After = ValuesOf(shape, row, identityOnly: false) }];

    /// <param name="shape">Table of the row.</param>
    /// <param name="old">Old row.</param>
    /// <param name="identityOnly">Whether only the columns of the replica identity have values in the old row.</param>
    public static IEnumerable<Change> Deleted(CapturedShape shape, CapturedField[] old, bool identityOnly) =>
        [New(shape, IdOf(shape, old, identityOnly), ChangeOperation.Delete) with { Before = ValuesOf(shape, old, identityOnly) }];

    /// <summary>Returns the changes of an updated row: two if its primary key has changed, none if only ignored columns have.</summary>
    /// <param name="shape">Table of the row.</param>
    /// <param name="old">Old row; null if the server sent none, because the columns of the replica identity did not change.</param>
    /// <param name="identityOnly">Whether only the columns of the replica identity have values in the old row.</param>
    /// <param name="row">New row.</param>
    public static IEnumerable<Change> Updated(CapturedShape shape, CapturedField[]? old, bool identityOnly, CapturedField[] row)
    {
        var change = New(shape, IdOf(shape, row, identityOnly: false), ChangeOperation.Update);
        if (old is null)
            return [change with { Before = ValuesOf(shape, row, identityOnly: true), After = ValuesOf(shape, row, identityOnly: false) }];

        var oldId = IdOf(shape, old, identityOnly);
        if (!identityOnly)
        {
            row = WithUnchanged(row, old);
            if (ChangedIn(shape, old, row) is not { Count: > 0 } changed)
                return [];
            change = change with { Fields = changed };
        }

        change = change with { Before = ValuesOf(shape, old, identityOnly), After = ValuesOf(shape, row, identityOnly: false) };
        return oldId is null || oldId == change.Id ? [change] : [change, change with { Id = oldId }];
    }

    /// <summary>Returns the change of which nothing but the table is known.</summary>
    public static Change Unknown(CapturedTable table) => new(table.Resource);

    private static Change New(CapturedShape shape, string? id, ChangeOperation operation) => new(shape.Table.Resource, id, operation);

    private static CapturedField[] WithUnchanged(CapturedField[] row, CapturedField[] old)
    {
        if (!Array.Exists(row, static field => field.Kind == FieldKind.Unchanged))
            return row;
        var whole = (CapturedField[])row.Clone();
        for (var i = 0; i < whole.Length; i++)
        {
            if (whole[i].Kind == FieldKind.Unchanged)
                whole[i] = old[i];
        }

        return whole;
    }

    /// <summary>Returns the columns whose text differs, and generated ones; null if only ignored columns differ, or none.</summary>
    private static List<string>? ChangedIn(CapturedShape shape, CapturedField[] old, CapturedField[] row)
    {
        List<string>? changed = null;
        for (var i = 0; i < row.Length; i++)
        {
            if (old[i] != row[i] && !shape.Table.Ignored.Contains(shape.Columns[i].Name))
                (changed ??= []).Add(shape.Columns[i].Name);
        }

        if (changed is not null && shape.Generated.Count > 0)
            changed.AddRange(shape.Generated.Except(changed, StringComparer.Ordinal).ToList());
        return changed;
    }

    private static Dictionary<string, object?> ValuesOf(CapturedShape shape, CapturedField[] row, bool identityOnly)
    {
        var values = new Dictionary<string, object?>(row.Length, StringComparer.Ordinal);
        for (var i = 0; i < row.Length; i++)
        {
            var column = shape.Columns[i];
            if ((identityOnly && !column.IsIdentity) || shape.Table.Ignored.Contains(column.Name))
                continue;
            if (row[i].Kind == FieldKind.Null)
                values[column.Name] = null;
            else if (row[i].Kind == FieldKind.Text && ColumnText.TryParse(column.Type, row[i].Text!, out var value))
                values[column.Name] = value;
        }

        return values;
    }

    /// <summary>Returns the text of the primary key, with a colon between its columns; null if it is unknown.</summary>
    private static string? IdOf(CapturedShape shape, CapturedField[] row, bool identityOnly)
    {
        string? id = null;
        foreach (var at in shape.KeyIndexes)
        {
            if (at < 0 || (identityOnly && !shape.Columns[at].IsIdentity) || row[at].Kind != FieldKind.Text || row[at].Text!.Length == 0)
                return null;
            id = id is null ? row[at].Text : $"{id}:{row[at].Text}";
        }

        return id;
    }
}
