using System.Text.RegularExpressions;

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

    private static string MissingKey(string expression) => ConnectionStringKey().Match(expression) is { Success: true } call
        ? $" Set ConnectionStrings:{call.Groups["name"].Value} in the configuration (environment variable ConnectionStrings__{call.Groups["name"].Value})."
        : " Set the value, or do not call UsePostgreSqlLog.";

    [GeneratedRegex("GetConnectionString\\(\"(?<name>[^\"]+)\"\\)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ConnectionStringKey();
}
