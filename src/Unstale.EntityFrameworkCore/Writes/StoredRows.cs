using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>
/// Rows as they are before a save, read and locked in its transaction: no other transaction can change them before the save does. They give a change the old
/// values of a row that has no version.
/// </summary>
/// <param name="hash">Creates the forms.</param>
internal sealed class StoredRows(ColumnHash hash)
{
    /// <summary>Number of rows that one command reads.</summary>
    private const int MostOfCommand = 100;

    private readonly Dictionary<(MappedTable, string), KeyValuePair<string, ColumnValue>[]> _rows = [];

    /// <summary>Reads the rows of saved entities.</summary>
    /// <param name="context">Context of the entities, in a transaction.</param>
    /// <param name="parts">Entities, each in one row.</param>
    /// <param name="isAsync">Whether the calls of the database are asynchronous ones.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    public static async ValueTask<StoredRows> ReadAsync(DbContext context, IEnumerable<SavedPart> parts, bool isAsync, CancellationToken cancellationToken)
    {
        var stored = new StoredRows(ContextCache.Of(context).ColumnHash);
        var rows = parts.Select(part => (Part: part, part.Row.Table, Key: stored.KeyOf(part))).Where(static row => row.Key is not null).DistinctBy(static row => (row.Table, row.Key));
        foreach (var table in rows.GroupBy(static row => row.Table, static row => row.Part))
        {
            foreach (var some in table.Chunk(MostOfCommand))
                await stored.ReadAsync(context, table.Key, some, isAsync, cancellationToken).ConfigureAwait(false);
        }

        return stored;
    }

    /// <summary>Returns the rows that a save of an entity updates or deletes, and whose old values the database does not check.</summary>
    public static IEnumerable<SavedPart> PartsOf(IUpdateEntry entry)
    {
        var entity = MappedEntity.Of(entry.EntityType, entry.Context);
        if (entity.IsChecked && LoadedEntities.Contains(entry))
            yield break;
        foreach (var row in entity.Rows ?? [])
        {
            if ((entry.EntityState != EntityState.Added || row.IsDependent) && row.Table.Key.Length > 0 && row.Columns.Count(static column => column.IsKey) == row.Table.Key.Length)
                yield return new SavedPart(entry, row);
        }
    }

    /// <summary>Returns the values of the row of an entity; none if the row was not read.</summary>
    public ReadOnlySpan<KeyValuePair<string, ColumnValue>> Of(in SavedPart part) =>
        KeyOf(part) is { } key && _rows.TryGetValue((part.Row.Table, key), out var values) ? values : [];

    private async ValueTask ReadAsync(DbContext context, MappedTable table, SavedPart[] parts, bool isAsync, CancellationToken cancellationToken)
    {
        var command = CommandOf(context, table, parts);
        await using var disposed = command.ConfigureAwait(false);
        var reader = isAsync ? await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false) : command.ExecuteReader();
        await using var closed = reader.ConfigureAwait(false);
        while (isAsync ? await reader.ReadAsync(cancellationToken).ConfigureAwait(false) : reader.Read())
            Add(table, reader);
    }

    private void Add(MappedTable table, DbDataReader reader)
    {
        var values = new List<KeyValuePair<string, ColumnValue>>(table.Stored.Length);
        for (var i = 0; i < table.Stored.Length; i++)
        {
            if (table.Stored[i].TryRead(reader, i, hash, out var value))
                values.Add(new(table.Stored[i].Name, value));
        }

        if (table.KeyForm(values) is { } key)
            _rows[(table, key)] = [.. values];
    }

    /// <summary>Returns the key of a row in its forms; null if one is unknown.</summary>
    private string? KeyOf(in SavedPart part)
    {
        var forms = new List<KeyValuePair<string, ColumnValue>>(part.Row.Table.Key.Length);
        foreach (var column in part.Row.Columns)
        {
            if (column.IsKey && column.Form is { } known && known.TryCreate(part.Entry.GetCurrentValue(column.Property), hash, out var form))
                forms.Add(new(column.Name, form));
        }

        return part.Row.Table.KeyForm(forms);
    }

    private static DbCommand CommandOf(DbContext context, MappedTable table, SavedPart[] parts)
    {
        var names = context.GetService<ISqlGenerationHelper>();
        var command = context.Database.GetDbConnection().CreateCommand();
        if (context.Database.CurrentTransaction is { } transaction)
            command.Transaction = transaction.GetDbTransaction();
        if (context.Database.GetCommandTimeout() is { } timeout)
            command.CommandTimeout = timeout;
        var text = new StringBuilder("SELECT ").AppendJoin(", ", table.Stored.Select(column => names.DelimitIdentifier(column.Name)));
        text.Append(" FROM ").Append(names.DelimitIdentifier(table.StoreName, table.Schema)).Append(" WHERE ");
        for (var i = 0; i < parts.Length; i++)
        {
            text.Append(i == 0 ? "(" : " OR (");
            var isFirst = true;
            foreach (var column in parts[i].Row.Columns)
            {
                if (!column.IsKey)
                    continue;
                var name = string.Create(CultureInfo.InvariantCulture, $"p{command.Parameters.Count}");
                text.Append(isFirst ? "" : " AND ").Append(names.DelimitIdentifier(column.Name)).Append(" = ").Append(names.GenerateParameterName(name));
                command.Parameters.Add(column.Mapping.CreateParameter(command, names.GenerateParameterName(name), parts[i].Entry.GetCurrentValue(column.Property), nullable: false));
                isFirst = false;
            }

            text.Append(')');
        }

        text.Append(" ORDER BY ").AppendJoin(", ", table.Key.Select(names.DelimitIdentifier)); // two saves lock the rows in one order
#pragma warning disable CA2100 // the text contains names of the model only
        command.CommandText = text.Append(table.Lock).ToString();
#pragma warning restore CA2100
        return command;
    }
}
