using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.PostgreSql;

/// <summary>Repetitions.</summary>
internal sealed record PostgreSqlScale
{
    public static PostgreSqlScale Full { get; } = new() { Rounds = new(5, TimeSpan.FromSeconds(4)), Slice = TimeSpan.FromSeconds(2), Probes = 1_000 };

    public static PostgreSqlScale Quick { get; } = new() { Rounds = new(1, TimeSpan.Zero), Slice = TimeSpan.FromMilliseconds(500), Probes = 40 };

    public required Rounds Rounds { get; init; }

    /// <summary>Duration of one turn of a contender.</summary>
    public required TimeSpan Slice { get; init; }

    /// <summary>Number of invalidations whose delay to the other node is measured.</summary>
    public required int Probes { get; init; }
}
