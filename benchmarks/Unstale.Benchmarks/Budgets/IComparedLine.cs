namespace Unstale.Benchmarks.Budgets;

/// <summary>Line of a table with the figures of several caches.</summary>
internal interface IComparedLine : IMeasuredLine
{
    /// <summary>Name of the line.</summary>
    string Title { get; }

    /// <summary>Figures of the caches in the order of the columns; empty if a cache does not have the operation.</summary>
    IReadOnlyList<string> Cells { get; }

    /// <summary>Factors by which Unstale is better than HybridCache and FusionCache; null if not compared.</summary>
    IEnumerable<(string Cache, double? Times)> Ratios { get; }
}
