using Npgsql;

namespace Unstale.PostgreSql.Connection;

/// <summary>Explains failures of Npgsql and of the server: the cause as they report it, and the remedy.</summary>
internal static class ServerErrors
{
    /// <summary>Whether the server lacks the schema, a table or a function, so that the connection must be checked again.</summary>
    public static bool IsMissingSchema(Exception why) =>
        why is PostgresException { SqlState: PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedColumn };

    /// <summary>Returns the failure with the remedy in its message.</summary>
    /// <param name="why">Failure of Npgsql.</param>
    /// <param name="place">Host, port and database.</param>
    /// <param name="schema">Schema of the log.</param>
    public static DatabaseException Explain(Exception why, string place, string schema) => why switch
    {
        DatabaseException known => known,
        PostgresException refused => Errors.Refused(place, refused, Remedy(refused.SqlState, schema)),
        _ => Errors.Failed(place, why),
    };

    private static string Remedy(string state, string schema) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "Check Username and Password of the connection string, and the line for the user in pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName => "Create the database, or correct Database in the connection string.",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"Grant the user USAGE on the schema {schema}, and SELECT, INSERT, UPDATE and DELETE on its tables. To create the schema, the user also needs CREATE on the database; otherwise run the script of PostgreSqlSchema.Script in a migration.",
        PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedColumn =>
            $"The schema {schema} is missing or incomplete. Set CreateSchema, or run the script of PostgreSqlSchema.Script in a migration.",
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.ObjectNotInPrerequisiteState =>
            "The server is a standby or read-only. Add Target Session Attributes=primary and all hosts to the connection string.",
        PostgresErrorCodes.TooManyConnections => "Raise max_connections, or lower the number of connections of other applications. Each log of a process needs two.",
        PostgresErrorCodes.QueryCanceled => "The statement was cancelled by statement_timeout or by an administrator. Set statement_timeout of the user to 0, or above RequestTimeout.",
        PostgresErrorCodes.LockNotAvailable => "Another transaction holds a lock on the tables of the log for longer than lock_timeout. No transaction of the application may write to these tables.",
        PostgresErrorCodes.DiskFull => "Free space on the disk of the server.",
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "The server is starting or stopping; the connection is tried again.",
        PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire =>
            "The name of the log has a character that the encoding of the database does not have. Use a database with the encoding UTF8, or ASCII letters in UnstaleOptions.Log.",
        _ => "See the log of the server.",
    };
}
