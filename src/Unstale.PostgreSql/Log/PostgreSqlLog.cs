using Npgsql;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.PostgreSql.Connection;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Log;

/// <summary>Invalidation log in PostgreSQL, shared by all processes that use the same database, schema and log name.</summary>
internal sealed class PostgreSqlLog : IInvalidationLog
{
    private readonly Lock _gate = new();
    private PostgreSqlLogSession[] _sessions = [];
    private int _loggedRecord;

    public PostgreSqlLog(NpgsqlDataSource source, string name, PostgreSqlLogSettings settings, GuardedTime time, GuardedLogger logger)
    {
        (Source, Name, Settings, Time, Logger) = (source, name, settings, time, logger);
        LinkSettings = new LinkSettings
        {
            Place = ConnectionSettings.Place(source.ConnectionString), Schema = settings.Schema, CreateSchema = settings.CreateSchema, RequestTimeout = settings.RequestTimeout,
        };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsLocal => false;

    public NpgsqlDataSource Source { get; }

    public PostgreSqlLogSettings Settings { get; }

    public LinkSettings LinkSettings { get; }

    public GuardedTime Time { get; }

    public GuardedLogger Logger { get; }

    public GenerationNumbers Generations { get; } = new();

    /// <summary>Opens the log for one node. The server does not have to be available: the observer is notified when a connection is open.</summary>
    /// <param name="observer">Observer that receives the notifications of the log.</param>
    public ILogSession Open(ILogObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var session = new PostgreSqlLogSession(this, observer);
        lock (_gate)
            _sessions = [.. _sessions, session];
        session.Start();
        return session;
    }

    /// <summary>Closes all sessions of the log.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in Volatile.Read(ref _sessions))
            await session.DisposeAsync().ConfigureAwait(false);
    }

    public void Closed(PostgreSqlLogSession session)
    {
        lock (_gate)
            _sessions = [.. _sessions.Where(one => one != session)];
    }

    public void LogRecordUnreadable()
    {
        if (Interlocked.Exchange(ref _loggedRecord, 1) == 0)
            Logger.DatabaseRecordUnreadable(Name);
    }
}
