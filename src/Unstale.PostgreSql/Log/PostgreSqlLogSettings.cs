namespace Unstale.PostgreSql.Log;

/// <summary>Settings of one log; see <see cref="PostgreSqlLogOptions"/>.</summary>
internal sealed record PostgreSqlLogSettings
{
    public string Schema { get; init; } = PostgreSqlLogOptions.DefaultSchema;

    public bool CreateSchema { get; init; } = true;

    public int LogLength { get; init; } = PostgreSqlLogOptions.DefaultLogLength;

    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Maximum number of records in the reply to one tail, and in one read of new records.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Number of missed records above which a node forgets everything instead of reading them.</summary>
    public int MostBehind { get; init; } = 20_000;
}
