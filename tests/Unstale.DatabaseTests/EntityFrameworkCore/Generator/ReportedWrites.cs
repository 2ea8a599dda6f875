using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Random writes by plain SQL, with the complete changes that a writer can report.</summary>
internal sealed class ReportedWrites : IRandomWriter
{
    private const int Keys = 8;

    private readonly DbConnection _connection;
    private readonly Random _random;
    private readonly WriteMistake _mistake;
    private readonly Dictionary<string, ITable> _tables;
    private readonly Dictionary<IColumn, ColumnForm> _forms;
    private readonly Dictionary<string, SortedDictionary<int, Dictionary<string, object?>>> _rows;

    public ReportedWrites(GeneratorShop shop, Random random, WriteMistake mistake = WriteMistake.None)
    {
        (_connection, _random, _mistake) = (shop.Connection, random, mistake);
        using var context = shop.Nodes[0].Open();
        var model = context.GetService<IDesignTimeModel>().Model.GetRelationalModel();
        string[] names = ["Categories", "Lines", "Products"];
        _tables = names.ToDictionary(static name => name, name => model.FindTable(name, schema: null)!, StringComparer.Ordinal);
        _rows = names.ToDictionary(static name => name, static _ => new SortedDictionary<int, Dictionary<string, object?>>(), StringComparer.Ordinal);
        _forms = _tables.Values.SelectMany(static table => table.Columns)
            .ToDictionary(static column => column, column => ColumnForm.For(column.StoreTypeMapping, column.Collation, context.Database.ProviderName)!);
    }

    public async Task<RandomWrite> WriteAsync(GeneratorNode node, Func<Task> read)
    {
        var table = _tables[_random.Next(10) switch { < 6 => "Products", < 8 => "Categories", _ => "Lines" }];
        var id = _random.Next(1, Keys + 1);
        await using var command = _connection.CreateCommand();
        int? written = id;
        RowChange change;
        if (!_rows[table.Name].TryGetValue(id, out var row))
            change = Insert(command, table, id);
        else if (_random.Next(10) is var kind && kind < 2)
            change = Delete(command, table, id, row);
        else if (kind > 2)
            change = Update(command, table, id, row);
        else
            (change, written) = (UpdateMany(command, table), null);
        if (_mistake == WriteMistake.RaisedBeforeCommit)
        {
            await node.Cache.ChangedRowsAsync([change], reason: null);
            await read();
            await command.ExecuteNonQueryAsync();
        }
        else
        {
            await command.ExecuteNonQueryAsync();
            await node.Cache.ChangedRowsAsync([WithMistake(change)], reason: null);
        }

        return new RandomWrite(change.ToString(), [(table.Name, written)]);
    }

    private RowChange WithMistake(RowChange change) => (_mistake, change.Operation) switch
    {
        (WriteMistake.OldValuesIgnored, RowOperation.Update) => new(change.Table, change.Operation) { Old = change.New, New = change.New, Changed = change.Changed },
        (WriteMistake.FilterColumnForgotten, RowOperation.Update) => new(change.Table, change.Operation)
        {
            Old = change.Old, New = change.New, Changed = [.. change.Changed!.Where(static column => column is not ("CategoryId" or "Rating"))],
        },
        _ => change,
    };

    private RowChange Insert(DbCommand command, ITable table, int id)
    {
        var row = table.Columns.ToDictionary(static column => column.Name, column => column.Name == "Id" ? id : Values.Of(_random, column.Name), StringComparer.Ordinal);
        _rows[table.Name].Add(id, row);
        Set(command, $"INSERT INTO \"{table.Name}\" ({string.Join(", ", row.Keys.Select(static c => $"\"{c}\""))}) VALUES ({string.Join(", ", row.Keys.Select(static c => $"@{c}"))})");
        AddAll(command, table, row);
        return new RowChange(table.Name, RowOperation.Insert) { New = Forms(table, row) };
    }

    private RowChange Delete(DbCommand command, ITable table, int id, Dictionary<string, object?> row)
    {
        _rows[table.Name].Remove(id);
        Set(command, $"DELETE FROM \"{table.Name}\" WHERE \"Id\" = @Id");
        Add(command, "Id", table.FindColumn("Id")!, id);
        return new RowChange(table.Name, RowOperation.Delete) { Old = Forms(table, row) };
    }

    private RowChange Update(DbCommand command, ITable table, int id, Dictionary<string, object?> row)
    {
        var written = new Dictionary<string, object?>(StringComparer.Ordinal);
        var columns = table.Columns.Where(static column => column.Name != "Id").ToArray();
        for (var i = 0; i < 2; i++)
        {
            var column = columns[_random.Next(columns.Length)].Name;
            written[column] = Values.Of(_random, column);
        }

        var after = new Dictionary<string, object?>(row, StringComparer.Ordinal);
        foreach (var (column, value) in written)
            after[column] = value;
        _rows[table.Name][id] = after;
        Set(command, $"UPDATE \"{table.Name}\" SET {string.Join(", ", written.Keys.Select(static c => $"\"{c}\" = @{c}"))} WHERE \"Id\" = @Id");
        AddAll(command, table, written);
        Add(command, "Id", table.FindColumn("Id")!, id);
        return new RowChange(table.Name, RowOperation.Update)
        {
            Old = Forms(table, row),
            New = Forms(table, after),
            Changed = [.. after.Keys.Where(column => !Equals(row[column], after[column]))],
        };
    }

    /// <summary>Sets one column of the rows with one value of another column.</summary>
    private RowChange UpdateMany(DbCommand command, ITable table)
    {
        var columns = table.Columns.Where(static column => column.Name != "Id" && !column.IsNullable).ToArray();
        var (set, where) = (columns[_random.Next(columns.Length)].Name, columns[_random.Next(columns.Length)].Name);
        var (value, condition) = (Values.Of(_random, set), Values.Of(_random, where));
        foreach (var (id, row) in _rows[table.Name].ToList())
        {
            if (Equals(row[where], condition))
                _rows[table.Name][id] = new(row, StringComparer.Ordinal) { [set] = value };
        }

        Set(command, $"UPDATE \"{table.Name}\" SET \"{set}\" = @value WHERE \"{where}\" = @condition");
        Add(command, "value", table.FindColumn(set)!, value);
        Add(command, "condition", table.FindColumn(where)!, condition);
        return new RowChange(table.Name, RowOperation.BulkUpdate)
        {
            Where = [Term.In(where, Forms(table, new(StringComparer.Ordinal) { [where] = condition }).Items.ToArray().Select(static one => one.Value))],
            New = Forms(table, new(StringComparer.Ordinal) { [set] = value }),
            Changed = [set],
        };
    }

    private ColumnValues Forms(ITable table, Dictionary<string, object?> row)
    {
        var values = new List<KeyValuePair<string, ColumnValue>>();
        foreach (var (name, value) in row)
        {
            if (_forms[table.FindColumn(name)!].TryCreate(value, ColumnHash.Unkeyed, out var form))
                values.Add(new(name, form));
        }

        return new([.. values]);
    }

#pragma warning disable CA2100 // the text contains names of the model only
    private static void Set(DbCommand command, string sql) => command.CommandText = sql;
#pragma warning restore CA2100

    private static void AddAll(DbCommand command, ITable table, Dictionary<string, object?> values)
    {
        foreach (var (name, value) in values)
            Add(command, name, table.FindColumn(name)!, value);
    }

    private static void Add(DbCommand command, string name, IColumn column, object? value) =>
        command.Parameters.Add(column.PropertyMappings[0].TypeMapping.CreateParameter(command, name, value, column.IsNullable));
}
