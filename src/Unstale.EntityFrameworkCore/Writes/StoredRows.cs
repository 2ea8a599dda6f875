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
internal sealed class StoredRows
{
    /// <summary>Number of rows that one command reads.</summary>
    private const int MostOfCommand = 100;

    private readonly Dictionary<(MappedTable, string), KeyValuePair<string, ColumnValue>[]> _rows = [];

    /// <summary>Reads the rows that entries update or delete.</summary>
    /// <param name="context">Context of the entries, in a transaction.</param>
    /// <param name="entries">Entries.</param>
    /// <param name="hash">Creates the forms.</param>
    /// <param name="isAsync">Whether the calls of the database are asynchronous ones.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    public static async ValueTask<StoredRows> ReadAsync(DbContext context, IList<IUpdateEntry> entries, ColumnHash hash, bool isAsync, CancellationToken cancellationToken)
    {
        var stored = new StoredRows();
        foreach (var table in entries.SelectMany(entry => PartsOf(entry, context)).GroupBy(static part => part.Row.Table))
        {
            foreach (var parts in table.Where(part => part.KeyForm(hash) is not null).DistinctBy(part => part.KeyForm(hash), StringComparer.Ordinal).Chunk(MostOfCommand))
                await stored.ReadAsync(context, table.Key, parts, hash, isAsync, cancellationToken).ConfigureAwait(false);
        }

        return stored;
    }

    /// <summary>Returns whether entries update or delete a row whose old values the database does not check.</summary>
    public static bool AreNeeded(IList<IUpdateEntry> entries) => entries.Any(static entry => PartsOf(entry, entry.Context).Any());

    /// <summary>Returns the values of the row of an entity; none if the row was not read.</summary>
    public ReadOnlySpan<KeyValuePair<string, ColumnValue>> Of(in SavedPart part, ColumnHash hash) =>
        part.KeyForm(hash) is { } key && _rows.TryGetValue((part.Row.Table, key), out var values) ? values : [];

    private static IEnumerable<SavedPart> PartsOf(IUpdateEntry entry, DbContext context)
    {
        var entity = MappedEntity.Of(entry.EntityType, context);
        if (entity.IsChecked && LoadedEntities.Contains(entry))
            yield break;
        foreach (var row in entity.Rows ?? [])
        {
            if ((entry.EntityState != EntityState.Added || row.IsDependent) && row.Table.Key.Length > 0 && row.Columns.Count(static column => column.IsKey) == row.Table.Key.Length)
                yield return new SavedPart(entry, row);
        }
    }

    private async ValueTask ReadAsync(DbContext context, MappedTable table, SavedPart[] parts, ColumnHash hash, bool isAsync, CancellationToken cancellationToken)
    {
        var command = CommandOf(context, table, parts);
        await using var disposed = command.ConfigureAwait(false);
        var reader = isAsync ? await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false) : command.ExecuteReader();
        await using var closed = reader.ConfigureAwait(false);
        while (isAsync ? await reader.ReadAsync(cancellationToken).ConfigureAwait(false) : reader.Read())
            Add(table, reader, hash);
    }

    private void Add(MappedTable table, DbDataReader reader, ColumnHash hash)
    {
        var values = new List<KeyValuePair<string, ColumnValue>>(table.Stored.Length);
        for (var i = 0; i < table.Stored.Length; i++)
        {
            if (table.Stored[i].TryRead(reader, i, hash, out var value))
                values.Add(new(table.Stored[i].Name, value));
        }

        if (KeyForm(table, values) is { } key)
            _rows[(table, key)] = [.. values];
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

    /// <summary>Returns the forms of the key in the order of the key; null if one is unknown.</summary>
    public static string? KeyForm(MappedTable table, List<KeyValuePair<string, ColumnValue>> values)
    {
        var text = new StringBuilder();
        foreach (var column in table.Key)
        {
            var at = values.FindIndex(one => string.Equals(one.Key, column, StringComparison.Ordinal));
            if (at < 0)
                return null;
            text.Append(values[at].Value.ToString()).Append(';');
        }

        return text.ToString();
    }
}
