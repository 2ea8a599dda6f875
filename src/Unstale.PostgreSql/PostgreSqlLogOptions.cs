using Npgsql;

namespace Unstale.PostgreSql;

/// <summary>
/// Location of the log of one cache in PostgreSQL. The database is given by <see cref="ConnectionString"/> or <see cref="DataSource"/>, or else by the
/// <see cref="NpgsqlDataSource"/> of the container. The options are validated when the host starts.
/// </summary>
public sealed class PostgreSqlLogOptions
{
    /// <summary>Default of <see cref="Schema"/>.</summary>
    public const string DefaultSchema = "unstale";

    /// <summary>Default of <see cref="LogLength"/>, in records.</summary>
    public const int DefaultLogLength = 100_000;

    /// <summary>
    /// Connection string of Npgsql (<c>Host=...;Database=...;Username=...;Password=...</c>). Each log of a process opens two connections. Default: empty.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Data source of the application, for tokens, certificates and telemetry. Each log of a process holds two of its connections. The application disposes
    /// the data source. Default: null.
    /// </summary>
    public NpgsqlDataSource? DataSource { get; set; }

    /// <summary>
    /// Schema of the tables and functions of the log: 1 to 40 lower-case letters, digits and underscores, the first of them a letter. Logs in different
    /// schemas do not see each other. Default: <c>unstale</c>.
    /// </summary>
    public string Schema { get; set; } = DefaultSchema;

    /// <summary>
    /// Whether the first connection creates missing tables and functions, or those of an older version. If false, a migration must run the script of
    /// <see cref="PostgreSqlSchema"/> before the application starts. Default: true.
    /// </summary>
    public bool CreateSchema { get; set; } = true;

    /// <summary>
    /// Approximate number of records that the log retains, from 100 to 10,000,000. A node that missed more records resets and forgets everything held.
    /// Default: 100,000.
    /// </summary>
    public int LogLength { get; set; } = DefaultLogLength;

    /// <summary>
    /// Pause between two looks at the log for records of which no notification has arrived, from 10 milliseconds to 1 minute. Default: 250 milliseconds.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Time limit of a call to the server, from 10 milliseconds to 1 minute. After a call without a reply, the connections are opened again. Default: 2
    /// seconds.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Expression without a connection string in the call of <c>UsePostgreSqlLog</c>; null if the call has one or needs none.</summary>
    internal string? MissingFrom { get; set; }
}
