using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis;

/// <summary>How large and how often.</summary>
internal sealed record RedisScale
{
    public static RedisScale Full { get; } = new()
    {
        Gets = new(9, TimeSpan.FromSeconds(1.5)),
        Slice = TimeSpan.FromMilliseconds(200),
    };

    public static RedisScale Quick { get; } = new()
    {
        Gets = new(1, TimeSpan.Zero),
        Slice = TimeSpan.FromMilliseconds(20),
    };

    public required Rounds Gets { get; init; }

    /// <summary>How long one turn of a contender lasts.</summary>
    public required TimeSpan Slice { get; init; }
}
