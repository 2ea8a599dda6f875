namespace Unstale.PostgreSql.Connection;

/// <summary>Settings of the connections of one log.</summary>
internal sealed record LinkSettings
{
    /// <summary>Host, port and database, for log lines and messages.</summary>
    public string Place { get; init; } = "";

    public string Schema { get; init; } = PostgreSqlLogOptions.DefaultSchema;

    public bool CreateSchema { get; init; } = true;

    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);
}
