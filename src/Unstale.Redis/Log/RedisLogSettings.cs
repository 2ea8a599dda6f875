namespace Unstale.Redis.Log;

/// <summary>Limits of a log.</summary>
internal sealed record RedisLogSettings
{
    /// <summary>Timeout of a call to the server. Default: 1 second.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Approximate maximum number of records in the stream. Default: 100,000.</summary>
    public int MostRecords { get; init; } = 100_000;

    /// <summary>Maximum size of the stream on the server, in bytes. The stream retains fewer records if they are large. Default: 64 MB.</summary>
    public long StreamBytes { get; init; } = 64 << 20;

    /// <summary>Maximum size of a push, in bytes. A larger push contains no records and only requests a read of the stream. Default: 8,192.</summary>
    public int PushLimit { get; init; } = 8192;

    /// <summary>Maximum number of records in one tail reply. Default: 1,000.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Maximum number of records that a node may be behind. Beyond it the node resets, which costs less than reading. Default: 20,000.</summary>
    public int MostBehind { get; init; } = 20_000;
}
