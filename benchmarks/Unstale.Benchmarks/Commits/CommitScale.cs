namespace Unstale.Benchmarks.Commits;

/// <summary>Rate and durations.</summary>
internal sealed record CommitScale
{
    public static CommitScale Full { get; } = new() { Rate = 2_000, WarmUp = TimeSpan.FromSeconds(20), Duration = TimeSpan.FromSeconds(10) };

    public static CommitScale Quick { get; } = new() { Rate = 100, WarmUp = TimeSpan.FromSeconds(0.2), Duration = TimeSpan.FromSeconds(0.5) };

    /// <summary>Number of writes per second.</summary>
    public required int Rate { get; init; }

    /// <summary>
    /// Duration of the writes before the measurement. The compilation of Entity Framework Core to its last tier takes a fifth of the processor time for more than ten
    /// seconds, and the writes that were delayed by it must have caught up.
    /// </summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Duration of the measured writes.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Number of writes in a time.</summary>
    public int Writes(TimeSpan time) => (int)(Rate * time.TotalSeconds);
}
