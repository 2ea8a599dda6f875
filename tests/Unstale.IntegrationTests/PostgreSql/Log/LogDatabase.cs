using Dapper;
using Npgsql;
using Unstale.Boundary;
using Unstale.IntegrationTests.Redis.Log;
using Unstale.Log;
using Unstale.PostgreSql.Log;
using Unstale.Tests.Log;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>Database of one test, with the connections of one process.</summary>
internal sealed class LogDatabase(string connectionString) : IAsyncDisposable
{
    private readonly List<PostgreSqlLog> _logs = [];

    public string ConnectionString => connectionString;

    /// <summary>Connections of the logs. Their application name distinguishes them from those of the test.</summary>
    public NpgsqlDataSource Source { get; } = NpgsqlDataSource.Create(connectionString + ";Application Name=log;Pooling=true");

    public CapturedLog Lines { get; } = new();

    public static async Task<LogDatabase> OpenAsync(PostgresServer server) => new(await server.CreateDatabaseAsync());

    /// <summary>Opens a log, and returns a connected session with the position of the log.</summary>
    public async Task<(ILogSession Session, RecordingObserver Observer, TailRequest Place)> OpenLogAsync(
        string name = "log", Func<PostgreSqlLogSettings, PostgreSqlLogSettings>? change = null)
    {
        var observer = new RecordingObserver();
        var session = Log(name, change).Open(observer);
        await Unstale.Tests.Support.Eventually.Holds("the session is connected", () => observer.Connections > 0);
        return (session, observer, await session.PlaceAsync());
    }

    public PostgreSqlLog Log(string name = "log", Func<PostgreSqlLogSettings, PostgreSqlLogSettings>? change = null)
    {
        var settings = new PostgreSqlLogSettings();
        var log = new PostgreSqlLog(Source, name, change?.Invoke(settings) ?? settings, GuardedTime.Over(TimeProvider.System), Lines);
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
