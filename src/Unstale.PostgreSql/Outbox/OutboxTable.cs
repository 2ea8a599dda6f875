using System.Data;
using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Unstale.PostgreSql.Outbox;

/// <summary>Statements on the table of the outbox, for the rows of one cache.</summary>
/// <param name="source">Database of the table.</param>
/// <param name="schema">Schema of the table, whose name needs no quotes.</param>
/// <param name="cache">Name of the cache.</param>
internal sealed class OutboxTable(NpgsqlDataSource source, string schema, string cache)
{
    /// <summary>Bound of the count, so that its duration does not grow with a table that nobody sends.</summary>
    private const int MostCounted = 10_000;

    private readonly string _insert = $"INSERT INTO {schema}.outbox (cache, change) VALUES (@cache, @change::jsonb) RETURNING id";
    private readonly string _unsent = $"SELECT id, change::text FROM {schema}.outbox WHERE cache = $1 AND sent_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED";

    private readonly string _lost =
        $"SELECT id, change::text FROM {schema}.outbox WHERE cache = $1 AND sent_at IS NOT NULL AND (generation < $3 OR generation > $3) LIMIT $2 FOR UPDATE SKIP LOCKED";

    private readonly string _backlog =
        $"SELECT (SELECT count(*) FROM (SELECT FROM {schema}.outbox WHERE cache = $1 AND sent_at IS NULL LIMIT {MostCounted}) r), " +
        $"(SELECT clock_timestamp() - added_at FROM {schema}.outbox WHERE cache = $1 AND sent_at IS NULL ORDER BY id LIMIT 1)";

    private readonly string _mark = $"UPDATE {schema}.outbox SET sent_at = clock_timestamp(), generation = $2 WHERE id = ANY($1)";
    private readonly string _fail = $"UPDATE {schema}.outbox SET sent_at = clock_timestamp(), generation = $2, failure = $3 WHERE id = $1";
    private readonly string _drop = $"DELETE FROM {schema}.outbox WHERE sent_at < clock_timestamp() - $1";

    /// <summary>Adds a row in the caller's transaction, over whatever objects the caller's library has.</summary>
    public async Task<long> InsertAsync(DbConnection connection, DbTransaction transaction, string change, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using var owned = command.ConfigureAwait(false);
#pragma warning disable CA2100 // The only variable part is the name of the schema, which SchemaName has checked.
        command.CommandText = _insert;
#pragma warning restore CA2100
        command.Transaction = transaction;
        Add(command, "cache", cache);
        Add(command, "change", change);
        try
        {
            return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw Errors.NoOutbox(schema, exception);
        }
    }

    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken).AsTask();

    /// <summary>Returns whether the table exists and the user may use it.</summary>
    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        var command = source.CreateCommand("SELECT to_regclass($1) IS NOT NULL");
        await using var owned = command.ConfigureAwait(false);
        command.Parameters.Add(new() { Value = $"{schema}.outbox" });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Creates the table. Concurrent calls wait for each other.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        var command = source.CreateCommand(PostgreSqlOutbox.Script(schema));
        await using var owned = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Locks and returns rows that are not sent.</summary>
    public Task<List<OutboxRow>> UnsentAsync(NpgsqlConnection connection, int most, CancellationToken cancellationToken) =>
        RowsAsync(Command(connection, _unsent, Text(cache), Number(most)), cancellationToken);

    /// <summary>Locks and returns rows that were sent to another generation, which the log may have lost.</summary>
    public Task<List<OutboxRow>> LostAsync(NpgsqlConnection connection, int most, string generation, CancellationToken cancellationToken) =>
        RowsAsync(Command(connection, _lost, Text(cache), Number(most), Text(generation)), cancellationToken);

    /// <summary>Returns the number of rows that are not sent, up to 10,000, and the age of the oldest.</summary>
    public async Task<(long Rows, TimeSpan Age)> BacklogAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = Command(connection, _backlog, Text(cache));
        await using var owned = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var read = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? TimeSpan.Zero : reader.GetTimeSpan(1));
    }

    public Task MarkAsync(NpgsqlConnection connection, long[] ids, string generation, CancellationToken cancellationToken) =>
        ExecuteAsync(Command(connection, _mark, new NpgsqlParameter { Value = ids }, Text(generation)), cancellationToken);

    /// <summary>Marks a row that cannot be read, in whose place everything was invalidated.</summary>
    public Task FailAsync(NpgsqlConnection connection, long id, string generation, string failure, CancellationToken cancellationToken) =>
        ExecuteAsync(Command(connection, _fail, new NpgsqlParameter { Value = id }, Text(generation), Text(failure)), cancellationToken);

    /// <summary>Deletes rows that were sent before an age, of all caches.</summary>
    public Task DropAsync(NpgsqlConnection connection, TimeSpan age, CancellationToken cancellationToken) =>
        ExecuteAsync(Command(connection, _drop, new NpgsqlParameter { Value = age, NpgsqlDbType = NpgsqlDbType.Interval }), cancellationToken);

    private static async Task<List<OutboxRow>> RowsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var owned = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var read = reader.ConfigureAwait(false);
        var rows = new List<OutboxRow>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(new(reader.GetInt64(0), reader.GetString(1)));
        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var owned = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params NpgsqlParameter[] parameters)
    {
#pragma warning disable CA2100 // The only variable part is the name of the schema, which SchemaName has checked.
        var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value };

    private static NpgsqlParameter Number(int value) => new() { Value = value };

    private static void Add(DbCommand command, string name, string value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.DbType, parameter.Value) = (name, DbType.String, value);
        command.Parameters.Add(parameter);
    }
}
