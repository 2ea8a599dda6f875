using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.PostgreSql.Telemetry;

/// <summary>All log messages of this assembly. Keys and tags are not logged.</summary>
internal static partial class PostgreSqlLogMessages
{
    [LoggerMessage(EventIds.DatabaseConnected, LogLevel.Information, "PostgreSQL at {Server}: connected (schema {Schema}).")]
    public static partial void DatabaseConnected(this GuardedLogger logger, string server, string schema);

    [LoggerMessage(EventIds.DatabaseDisconnected, LogLevel.Warning, "PostgreSQL at {Server}: the connection was lost and is being restored. {Reason}")]
    public static partial void DatabaseDisconnected(this GuardedLogger logger, string server, string reason);

    [LoggerMessage(EventIds.DatabaseUnavailable, LogLevel.Warning,
        "PostgreSQL at {Server}: connecting failed and is tried again; each reason is logged once. Until the connection is up, unconfirmed values are not served, and invalidations are queued. {Reason}")]
    public static partial void DatabaseUnavailable(this GuardedLogger logger, Exception exception, string server, string reason);

    [LoggerMessage(EventIds.NotListening, LogLevel.Warning,
        "PostgreSQL at {Server}: notifications cannot be received, which is tried again. Until then records of other nodes arrive after PollInterval. {Reason}")]
    public static partial void NotListening(this GuardedLogger logger, Exception exception, string server, string reason);

    [LoggerMessage(EventIds.SchemaCreated, LogLevel.Information, "PostgreSQL at {Server}: the schema {Schema} was created or upgraded.")]
    public static partial void SchemaCreated(this GuardedLogger logger, string server, string schema);

    [LoggerMessage(EventIds.ServerMayLoseCommits, LogLevel.Warning,
        "PostgreSQL at {Server}: fsync is off, so a crash of the machine may lose commits. Each start of the server begins a new generation, and every node is reset. Set fsync to on.")]
    public static partial void ServerMayLoseCommits(this GuardedLogger logger, string server);

    [LoggerMessage(EventIds.DatabaseRecordUnreadable, LogLevel.Warning,
        "Log {Log}: a record in PostgreSQL has an unknown format or kind and counts as everything. A newer version may write to this log. Further unknown records are not logged.")]
    public static partial void DatabaseRecordUnreadable(this GuardedLogger logger, string log);
}
