using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis;

/// <summary>Sizes and repetitions.</summary>
internal sealed record RedisScale
{
    public static RedisScale Full { get; } = new()
    {
        Gets = new(9, TimeSpan.FromSeconds(1.5)),
        Cluster = new(7, TimeSpan.FromSeconds(2)),
        Misses = new(25, TimeSpan.FromSeconds(0.5)),
        Slice = TimeSpan.FromMilliseconds(200),
        Probes = 1_500,
        Stocks = [10_000, 1_000_000],
    };

    public static RedisScale Quick { get; } = new()
    {
        Gets = new(1, TimeSpan.Zero),
        Cluster = new(1, TimeSpan.Zero),
        Misses = new(5, TimeSpan.Zero),
        Slice = TimeSpan.FromMilliseconds(20),
        Probes = 40,
        Stocks = [100, 1_000],
    };

    public required Rounds Gets { get; init; }

    /// <summary>Rounds with whole nodes.</summary>
    public required Rounds Cluster { get; init; }

    /// <summary>Rounds that count the round trips of misses.</summary>
    public required Rounds Misses { get; init; }

    /// <summary>Number of invalidations whose delay to the other node is measured.</summary>
    public required int Probes { get; init; }

    /// <summary>Numbers of values over which the cost of a pattern's mark must not grow, ascending.</summary>
    public required IReadOnlyList<int> Stocks { get; init; }

    /// <summary>Duration of one turn of a contender.</summary>
    public required TimeSpan Slice { get; init; }
}
