using Microsoft.EntityFrameworkCore.Infrastructure;
using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Random writes by plain SQL, with the changes that a writer reports.</summary>
internal sealed class RandomWrites(Func<ShopContext> open, Random random)
{
    private const int Keys = 8;
    private readonly Dictionary<string, SortedDictionary<int, Dictionary<string, object?>>> _rows = new(StringComparer.Ordinal)
    {
        ["Categories"] = [],
        ["Products"] = [],
        ["Lines"] = [],
    };

    /// <summary>Writes one row, or the rows of one statement, and returns the change.</summary>
    public async Task<RowChange> WriteAsync()
    {
        await using var context = open();
        var name = random.Next(10) switch { < 6 => "Products", < 8 => "Categories", _ => "Lines" };
        var table = context.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.Single(table => string.Equals(table.Name, name, StringComparison.Ordinal));
        var rows = _rows[name];
        var id = random.Next(1, Keys + 1);
        if (!rows.TryGetValue(id, out var row))
            return await InsertAsync(context, table, id);
        return random.Next(10) switch
        {
            < 2 => await DeleteAsync(context, table, id, row),
            2 => await UpdateManyAsync(context, table),
            _ => await UpdateAsync(context, table, id, row),
        };
    }

    private async Task<RowChange> InsertAsync(ShopContext context, ITable table, int id)
    {
        var row = table.Columns.ToDictionary(static column => column.Name, column => column.Name == "Id" ? id : Values.Of(random, column.Name), StringComparer.Ordinal);
        _rows[table.Name].Add(id, row);
        await ExecuteAsync(context, $"INSERT INTO \"{table.Name}\" ({string.Join(", ", row.Keys.Select(static c => $"\"{c}\""))}) VALUES ({string.Join(", ", row.Keys.Select(static c => $"@{c}"))})", table, row);
        return new RowChange(table.Name, RowOperation.Insert) { New = Forms(context, table, row) };
    }

    private async Task<RowChange> DeleteAsync(ShopContext context, ITable table, int id, Dictionary<string, object?> row)
    {
        _rows[table.Name].Remove(id);
        await ExecuteAsync(context, $"DELETE FROM \"{table.Name}\" WHERE \"Id\" = @Id", table, new(StringComparer.Ordinal) { ["Id"] = id });
        return new RowChange(table.Name, RowOperation.Delete) { Old = Forms(context, table, row) };
    }

    private async Task<RowChange> UpdateAsync(ShopContext context, ITable table, int id, Dictionary<string, object?> row)
    {
        var written = new Dictionary<string, object?>(StringComparer.Ordinal);
        var columns = table.Columns.Where(static column => column.Name != "Id").ToArray();
        for (var i = 0; i < 2; i++)
            Write(columns[random.Next(columns.Length)].Name, written);
        var after = new Dictionary<string, object?>(row, StringComparer.Ordinal);
        foreach (var (column, value) in written)
            after[column] = value;
        _rows[table.Name][id] = after;
        await ExecuteAsync(context, $"UPDATE \"{table.Name}\" SET {string.Join(", ", written.Keys.Select(static c => $"\"{c}\" = @{c}"))} WHERE \"Id\" = @Id", table, new(written, StringComparer.Ordinal) { ["Id"] = id });
        return new RowChange(table.Name, RowOperation.Update)
        {
            Old = Forms(context, table, row),
            New = Forms(context, table, after),
            Changed = [.. after.Keys.Where(column => !Equals(row[column], after[column]))],
        };
    }

    /// <summary>Sets one column of the rows with one value of another column.</summary>
    private async Task<RowChange> UpdateManyAsync(ShopContext context, ITable table)
    {
        var columns = table.Columns.Where(static column => column.Name != "Id" && !column.IsNullable).ToArray();
        var (set, where) = (columns[random.Next(columns.Length)].Name, columns[random.Next(columns.Length)].Name);
        var (value, condition) = (Values.Of(random, set), Values.Of(random, where));
        foreach (var (id, row) in _rows[table.Name].ToList())
        {
            if (Equals(row[where], condition))
                _rows[table.Name][id] = new(row, StringComparer.Ordinal) { [set] = value };
        }

        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"UPDATE \"{table.Name}\" SET \"{set}\" = @value WHERE \"{where}\" = @condition";
        Add(command, "value", table.FindColumn(set)!, value);
        Add(command, "condition", table.FindColumn(where)!, condition);
        await ExecuteAsync(command);
        return new RowChange(table.Name, RowOperation.BulkUpdate)
        {
            Where = [Term.In(where, Forms(context, table, new(StringComparer.Ordinal) { [where] = condition }).Items.ToArray().Select(static one => one.Value))],
            New = Forms(context, table, new(StringComparer.Ordinal) { [set] = value }),
            Changed = [set],
        };
    }

    private void Write(string column, Dictionary<string, object?> written) => written[column] = Values.Of(random, column);

    private static ColumnValues Forms(ShopContext context, ITable table, Dictionary<string, object?> row)
    {
        var values = new List<KeyValuePair<string, ColumnValue>>();
        foreach (var (name, value) in row)
        {
            var column = table.FindColumn(name)!;
            if (ColumnForm.For(column.StoreTypeMapping, column.Collation, context.Database.ProviderName)!.TryCreate(value, ColumnHash.Unkeyed, out var form))
                values.Add(new(name, form));
        }

        return new([.. values]);
    }

    private static async Task ExecuteAsync(ShopContext context, string sql, ITable table, Dictionary<string, object?> values)
    {
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
            Add(command, name, table.FindColumn(name)!, value);
        await ExecuteAsync(command);
    }

    private static void Add(DbCommand command, string name, IColumn column, object? value) =>
        command.Parameters.Add(column.PropertyMappings[0].TypeMapping.CreateParameter(command, name, value, column.IsNullable));

    private static async Task ExecuteAsync(DbCommand command)
    {
        if (command.Connection!.State != ConnectionState.Open)
            await command.Connection.OpenAsync();
        await command.ExecuteNonQueryAsync();
    }
}
