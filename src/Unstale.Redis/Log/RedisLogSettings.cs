namespace Unstale.Redis.Log;

/// <summary>What a log may take.</summary>
internal sealed record RedisLogSettings
{
    /// <summary>How long a call to the server may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Records that the stream keeps, about.</summary>
    public int MostRecords { get; init; } = 100_000;

    /// <summary>What the stream may take on the server; large records make it keep fewer.</summary>
    public long StreamBytes { get; init; } = 64 << 20;

    /// <summary>A push above this is but a call to read the stream.</summary>
    public int PushLimit { get; init; } = 8192;

    /// <summary>Records that one tail brings.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Who is further behind forgets everything: that is cheaper than reading.</summary>
    public int MostBehind { get; init; } = 20_000;
}
