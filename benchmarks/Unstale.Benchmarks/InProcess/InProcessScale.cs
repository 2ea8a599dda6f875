using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess;

/// <summary>Sizes and repetitions.</summary>
internal sealed record InProcessScale
{
    public static InProcessScale Full { get; } = new()
    {
        Entries = 100_000,
        HotKeys = 1_000,
        Accesses = 1 << 18,
        Sizes = [1_000, 100_000, 1_000_000],
        SliceReads = 8_000,
        Hits = new(151, TimeSpan.FromSeconds(1.5)),
        Steady = new(41, TimeSpan.FromSeconds(0.5)),
        Whole = new(9, TimeSpan.FromSeconds(1)),
        Sweeps = new(5, TimeSpan.Zero),
        Removals = new(41, TimeSpan.FromSeconds(3)),
        ColdKeys = new(201, TimeSpan.FromSeconds(0.5)),
    };

    public static InProcessScale Quick { get; } = new()
    {
        Entries = 2_000,
        HotKeys = 100,
        Accesses = 1 << 12,
        Sizes = [100, 1_000, 5_000],
        SliceReads = 500,
        Hits = new(3, TimeSpan.FromMilliseconds(5)),
        Steady = new(3, TimeSpan.FromMilliseconds(5)),
        Whole = new(2, TimeSpan.Zero),
        Sweeps = new(1, TimeSpan.Zero),
        Removals = new(3, TimeSpan.Zero),
        ColdKeys = new(3, TimeSpan.Zero),
    };

    /// <summary>Number of entries where the number is not the subject of the measurement.</summary>
    public required int Entries { get; init; }

    public required int HotKeys { get; init; }

    /// <summary>Number of reads until the order repeats.</summary>
    public required int Accesses { get; init; }

    public required int SliceReads { get; init; }

    /// <summary>Numbers of entries over which a cost must not grow, ascending.</summary>
    public required IReadOnlyList<int> Sizes { get; init; }

    public required Rounds Hits { get; init; }

    public required Rounds Steady { get; init; }

    /// <summary>Rounds that fill or walk a whole cache.</summary>
    public required Rounds Whole { get; init; }

    /// <summary>Rounds with a sweep in each. After a sweep, the next one waits for nine times its duration.</summary>
    public required Rounds Sweeps { get; init; }

    /// <summary>Rounds of invalidations. Their final compilation takes most of a second for each cache.</summary>
    public required Rounds Removals { get; init; }

    public required Rounds ColdKeys { get; init; }
}
