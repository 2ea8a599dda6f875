using Dapper;
using Npgsql;
using Unstale.PostgreSql;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

internal static class DapperOutbox
{
    /// <summary>Writes a row by its key, and adds the change with the values before and after, which the lock of the row protects until the commit.</summary>
    public static async Task WriteRowAsync(
        this PostgreSqlOutbox outbox, NpgsqlTransaction transaction, string table, object id, string sql, object parameters, CancellationToken token)
    {
        var connection = transaction.Connection!;
        var before = await ReadAsync();
        await connection.ExecuteAsync(sql, parameters, transaction);
        var after = await ReadAsync();
        if (before is null && after is null)
            return;
        var operation = before is null ? ChangeOperation.Create : after is null ? ChangeOperation.Delete : ChangeOperation.Update;
        await outbox.AddAsync(connection, transaction, new Change(table, $"{id}") { Operation = operation, Before = before, After = after }, token);

        async Task<IReadOnlyDictionary<string, object?>?> ReadAsync() =>
            await connection.QuerySingleOrDefaultAsync($"SELECT * FROM {table} WHERE id = @id FOR UPDATE", new { id }, transaction) as IReadOnlyDictionary<string, object?>;
    }
}
