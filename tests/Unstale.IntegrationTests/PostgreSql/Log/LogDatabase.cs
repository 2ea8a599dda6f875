using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Log;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>Database of one test, with the connections of one process.</summary>
internal sealed class LogDatabase(string connectionString) : IAsyncDisposable
{
    private readonly List<PostgreSqlLog> _logs = [];

    public string ConnectionString => connectionString;

    /// <summary>Connections of the logs. Their application name distinguishes them from those of the test.</summary>
    public NpgsqlDataSource Source { get; } = NpgsqlDataSource.Create(connectionString + ";Application Name=log;Pooling=true");

    public RecordedLines Lines { get; } = new();

    public static async Task<LogDatabase> OpenAsync(PostgresServer server)
    {
        var database = new LogDatabase(await server.CreateDatabaseAsync());
        await PostgreSqlSchema.CreateAsync(database.Source);
        return database;
    }

    public PostgreSqlLog Log(string name = "log", Func<PostgreSqlLogSettings, PostgreSqlLogSettings>? change = null)
    {
        var settings = new PostgreSqlLogSettings();
        var log = new PostgreSqlLog(Source, name, change?.Invoke(settings) ?? settings, GuardedTime.Over(TimeProvider.System), GuardedLogger.Over(Lines));
        _logs.Add(log);
        return log;
    }

    /// <summary>Runs a statement over a connection of the test.</summary>
    public async Task<int> ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        return await connection.ExecuteAsync(sql, parameters);
    }

    /// <inheritdoc cref="ExecuteAsync"/>
    public async Task<T> QueryAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        return (await connection.QuerySingleAsync<T>(sql, parameters))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
            await log.DisposeAsync();
        await Source.DisposeAsync();
    }
}
