namespace Shop.Data;

/// <summary>Version of a product in the database, with the columns that a comparison shows. Filled by Dapper.</summary>
internal sealed class ProductVersion
{
    public long Version { get; init; }

    public string Name { get; init; } = "";

    public long PriceInCents { get; init; }

    public long CategoryId { get; init; }

    /// <summary>Time of the write that made the version, by the clock of the writer, in microseconds since 1970. 0 for a row that was never written again.</summary>
    public long ChangedAt { get; init; }

    public decimal Price => PriceInCents / 100m;

    public static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Returns the time of a column <c>changed_at</c>.</summary>
    public static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
