using Npgsql;
using Unstale.PostgreSql.Outbox;

namespace Unstale.PostgreSql;

/// <summary>Options of the outbox of one cache, which are validated when the host starts.</summary>
public sealed class OutboxOptions
{
    /// <summary>
    /// Database of the outbox, which must be the database of the application's transactions. Default: null, the <see cref="NpgsqlDataSource"/> of the
    /// container.
    /// </summary>
    public NpgsqlDataSource? DataSource { get; set; }

    /// <summary>
    /// Schema of the table <c>outbox</c>: 1 to 40 lower-case letters, digits and underscores, the first of them a letter. Default: <c>unstale</c>.
    /// </summary>
    public string Schema { get; set; } = PostgreSqlLogOptions.DefaultSchema;

    /// <summary>
    /// Whether the relay creates a missing table. If false, a migration must run <see cref="PostgreSqlOutbox.Script"/> before the application starts.
    /// Default: true.
    /// </summary>
    public bool CreateSchema { get; set; } = true;

    /// <summary>
    /// Whether this process sends rows of all processes to the log. At least one process of the cache must. Several share the rows. Default: true.
    /// </summary>
    public bool IsRelay { get; set; } = true;

    /// <summary>
    /// Pause between two looks at the table, from 10 milliseconds to 1 minute: the delay of changes from processes that ended, and from other languages.
    /// Default: 500 milliseconds.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Maximum number of rows sent in one transaction of the relay, from 1 to 10,000. Default: 500.</summary>
    public int BatchSize { get; set; } = 500;

    /// <summary>
    /// Time for which sent rows remain in the table, from 1 second to 7 days. If the log begins a new generation, these rows are sent again, because the log
    /// may have lost them. Default: 5 minutes.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Called at each step, so that a test can stop the process there. Default: null.</summary>
    internal Action<OutboxStep>? Reached { get; set; }
}
