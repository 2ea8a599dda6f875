using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Rules;

/// <summary>Sizes and repetitions.</summary>
internal sealed record RuleScale
{
    public static RuleScale Full { get; } = new()
    {
        RuleCounts = [10, 1_000, 100_000],
        Changes = 2_000,
        Groups = 100,
        Loads = 8_000,
        Steady = new(41, TimeSpan.FromSeconds(1.5)),
        Walks = new(21, TimeSpan.FromSeconds(1)),
    };

    public static RuleScale Quick { get; } = new()
    {
        RuleCounts = [10, 100, 1_000],
        Changes = 200,
        Groups = 2,
        Loads = 500,
        Steady = new(3, TimeSpan.FromMilliseconds(5)),
        Walks = new(2, TimeSpan.Zero),
    };

    /// <summary>Numbers of rules over which the cost of a change must not grow, ascending.</summary>
    public required IReadOnlyList<int> RuleCounts { get; init; }

    /// <summary>Number of changes in a slice.</summary>
    public required int Changes { get; init; }

    /// <summary>Number of unconnected parts of the dependency graph, of 10,000 edges each.</summary>
    public required int Groups { get; init; }

    /// <summary>Number of loads in a slice.</summary>
    public required int Loads { get; init; }

    public required Rounds Steady { get; init; }

    public required Rounds Walks { get; init; }
}
