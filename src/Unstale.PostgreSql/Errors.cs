using System.Text.RegularExpressions;
using Npgsql;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql;

/// <summary>Messages for users of this assembly. Each gives the cause, the setting, its value and the remedy. None contains a password.</summary>
internal static partial class Errors
{
    public const string NoSection = "The section does not exist. Pass the section that contains the options of the log in PostgreSQL.";

    public static string DatabaseTwice =>
        $"{nameof(PostgreSqlLogOptions.ConnectionString)} and {nameof(PostgreSqlLogOptions.DataSource)} are both set. Keep one of the two.";

    public static string MissingConnectionString(string expression) =>
        $"UsePostgreSqlLog received no connection string: {expression} is null or empty.{MissingKey(expression)}";

    public static InvalidOperationException OptionsRefused(string path, string why, Exception? inner) =>
        new($"The options of the log in PostgreSQL at '{path}' of the configuration are invalid. {why}", inner);

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

    private static string MissingKey(string expression) => ConnectionStringKey().Match(expression) is { Success: true } call
        ? $" Set ConnectionStrings:{call.Groups["name"].Value} in the configuration (environment variable ConnectionStrings__{call.Groups["name"].Value})."
        : " Set the value, or do not call UsePostgreSqlLog.";

    [GeneratedRegex("GetConnectionString\\(\"(?<name>[^\"]+)\"\\)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ConnectionStringKey();
}
