using System.Text.RegularExpressions;
using Npgsql;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql;

/// <summary>Messages for users of this assembly. Each gives the cause, the setting, its value and the remedy. None contains a password.</summary>
internal static partial class Errors
{
    public const string NoOutboxSection = "The section does not exist. Pass the section that contains the options of the outbox.";

    public const string NoCaptureSection = "The section does not exist. Pass the section that contains the options of the change capture.";

    public const string NoTableName = "The table has no Name. Add the name of the table.";

    public const string NoSection = "The section does not exist. Pass the section that contains the options of the log in PostgreSQL.";

    public static string DatabaseTwice =>
        $"{nameof(PostgreSqlLogOptions.ConnectionString)} and {nameof(PostgreSqlLogOptions.DataSource)} are both set. Keep one of the two.";

    public static string SecondLevel =>
        "UsePostgreSqlLog and UseRedis were both called. A second level in Redis belongs to a log in Redis. Remove one of the two calls.";

    public static string MissingConnectionString(string expression) =>
        $"UsePostgreSqlLog received no connection string: {expression} is null or empty.{MissingKey(expression)}";

    public static InvalidOperationException OptionsRefused(string path, string why, Exception? inner) =>
        SectionRefused("log in PostgreSQL", path, why, inner);

    public static InvalidOperationException OutboxRefused(string path, string why, Exception? inner) => SectionRefused("outbox", path, why, inner);

    public static InvalidOperationException CaptureRefused(string path, string why, Exception? inner) => SectionRefused("change capture", path, why, inner);

    public static InvalidOperationException NoDatabase() => new(
        "UsePostgreSqlLog was called without a connection string, and the container has no NpgsqlDataSource. Register an NpgsqlDataSource (Npgsql.DependencyInjection: services.AddNpgsqlDataSource), or pass a connection string to UsePostgreSqlLog.");

    // Npgsql quotes the rejected text in its message, and the text may be a password in the wrong place.
    public static string ConnectionStringText =>
        $"{nameof(PostgreSqlLogOptions.ConnectionString)} is not a connection string of Npgsql. Compare the string with Host=...;Database=...;Username=...;Password=..., and put a value with a ';' or '=' into double quotes.";

    public static string NoHost => $"{nameof(PostgreSqlLogOptions.ConnectionString)} has no Host. Add Host=... to the connection string.";

    public static string SchemaName(string schema) =>
        $"{nameof(PostgreSqlLogOptions.Schema)} is '{schema}'. Use 1 to 40 lower-case letters, digits and underscores, the first of them a letter, and not the prefix pg_, which PostgreSQL reserves.";

    public static DatabaseException Refused(string place, PostgresException why, string remedy) =>
        new($"PostgreSQL at {place}: {why.SqlState} {why.MessageText}. {remedy}", why);

    public static DatabaseException Failed(string place, Exception why) =>
        new($"PostgreSQL at {place} cannot be used: {why.GetBaseException().Message.TrimEnd('.')}. Check Host, Port and the SSL settings of the connection string, and whether the server runs.", why);

    public static DatabaseException TimedOut(string place, TimeSpan limit) => new(
        $"PostgreSQL at {place} did not complete a call within {nameof(PostgreSqlLogOptions.RequestTimeout)} ({limit}). The connection is opened again. Check the load of the server, and synchronous standbys that do not reply.");

    public static DatabaseException CommitUncertain(string place) => new(
        $"PostgreSQL at {place} ended a call with a warning: a synchronous standby may lack the commit. The connection is opened again. Check the standbys.");

    public static DatabaseException Disconnected(string place) => new($"There is no connection to PostgreSQL at {place}. The connection is opened again.");

    public static DatabaseException NotConnected(string place, Exception? why) =>
        new(why is DatabaseException ? why.Message : $"There is no connection to PostgreSQL at {place} yet.", why);

    public static DatabaseException PositionNotRead(string place) =>
        new($"The connection to PostgreSQL at {place} is new, and the position of the log has not been read over it yet. The call is repeated.");

    public static DatabaseException HistoryBroken(string log) =>
        new($"The history of the log '{log}' in PostgreSQL is broken: the log was deleted or restored, or another server has taken over. A new history begins, and the record is appended again.");

    public static DatabaseException OldServer(string place, int version, int oldest) =>
        new($"PostgreSQL at {place} has version {version}. Unstale requires version {oldest} or newer: upgrade the server.");

    public static DatabaseException Standby(string place) => new(
        $"PostgreSQL at {place} is a standby, which cannot append. Add Target Session Attributes=primary and all hosts to the connection string.");

    public static DatabaseException NoSchema(string place, string schema) => new(
        $"PostgreSQL at {place} has no schema {schema} of the required version, and {nameof(PostgreSqlLogOptions.CreateSchema)} is false. Run the script of PostgreSqlSchema.Script(\"{schema}\") in a migration, or set {nameof(PostgreSqlLogOptions.CreateSchema)}.");

    public static InvalidOperationException NoOutbox(string schema, Exception? inner) => new(
        $"The database has no table {schema}.outbox. Run the script of PostgreSqlOutbox.Script(\"{schema}\") in a migration, or set {nameof(OutboxOptions.CreateSchema)}.", inner);

    public static FormatException NoChange(string why) => new($"The row is no change: {why}.");

    public static ArgumentException ContextValue(string name, Type type, string parameter) => new(
        $"The fact '{name}' of the change is a {type.Name}, which a row of the outbox cannot hold. Use a Boolean, number, text, Guid or enumeration, or a list of these.", parameter);

    public static InvalidOperationException NoDataSource(string call) => new(
        $"{call} was called without a data source, and the container has no NpgsqlDataSource. Register an NpgsqlDataSource (Npgsql.DependencyInjection: services.AddNpgsqlDataSource), or set DataSource in the options.");

    public const string NoKeepSize =
        "max_slot_wal_keep_size of the server is -1, so a slot without a reader fills the disk. Set a size that the disk can hold, for example 10GB: above it, the slot is lost and everything is invalidated, but the server runs on.";

    public const string NoTables = "The change capture has no tables. Add them with options.AddTable.";

    public const string CaptureConnection = "The change capture has no ConnectionString. Set the connection string of the primary server, with a user that has the attribute REPLICATION.";

    public static string CapturedTableName(string table) => $"'{table}' is no name of a table. Use schema.table, or table for the schema public.";

    public static string CapturedTwice(string table) => $"The table '{table}' was added before. Add each table once.";

    public static string CaptureName(string setting, string name) =>
        $"{setting} is '{name}'. Use 1 to 40 lower-case letters, digits and underscores, the first of them a letter, and not the prefix pg_, which PostgreSQL reserves.";

    public static InvalidOperationException WalLevel(string? level) => new(
        $"wal_level of the server is '{level}', and change capture requires 'logical'. Set wal_level = logical in postgresql.conf, or in the parameters of the managed database, and restart the server.");

    public static InvalidOperationException NoTable(string table) => new($"The table {table} does not exist. Compare the name with the letters as stored, and the schema.");

    public static InvalidOperationException NoIdentity(string table) => new(
        $"The table {table}, or a partition of it, has no replica identity, and PostgreSQL would refuse its updates and deletes once it is published. Add a primary key, or run ALTER TABLE {table} REPLICA IDENTITY FULL.");

    public static InvalidOperationException OtherSlot(string slot) => new(
        $"The replication slot '{slot}' belongs to another database or plugin. Slots belong to the whole server: set {nameof(ChangeCaptureOptions.Slot)} to another name.");

    public static InvalidOperationException SlotInUse(string slot) => new($"A process reads the replication slot '{slot}'. End all processes with change capture, then call DropAsync again.");

    public static InvalidOperationException NotSetUp(string publication) => new(
        $"The database has no publication '{publication}'. Call PostgreSqlChangeCapture.SetupAsync once, for example in a migration. Until then cached values are not trusted.");

    public static string SlotLost(string slot) => $"The server has dropped the history of the slot '{slot}'. The next reader creates the slot again and invalidates everything. Raise max_slot_wal_keep_size.";

    public static string Unpublished(string table) => $"The table {table} is not in the publication, so its changes are not captured. Call SetupAsync.";

    /// <summary>Returns the warning about a replica identity; null for FULL, which costs no precision.</summary>
    public static string? IdentityWarning(string table, char identity) => identity switch
    {
        'f' => null,
        'd' => $"The old values of {table} are not captured, so an update invalidates more than it must. ALTER TABLE {table} REPLICA IDENTITY FULL captures them.",
        'i' => $"{table} has REPLICA IDENTITY USING INDEX, with which a changed primary key is not seen. ALTER TABLE {table} REPLICA IDENTITY FULL captures it.",
        'n' => NoIdentity(table).Message,
        _ => NoTable(table).Message,
    };

    private static InvalidOperationException SectionRefused(string part, string path, string why, Exception? inner) =>
        new($"The options of the {part} at '{path}' of the configuration are invalid. {why}", inner);

    private static string MissingKey(string expression) => ConnectionStringKey().Match(expression) is { Success: true } call
        ? $" Set ConnectionStrings:{call.Groups["name"].Value} in the configuration (environment variable ConnectionStrings__{call.Groups["name"].Value})."
        : " Set the value, or do not call UsePostgreSqlLog.";

    [GeneratedRegex("GetConnectionString\\(\"(?<name>[^\"]+)\"\\)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ConnectionStringKey();
}
