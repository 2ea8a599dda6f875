namespace Unstale.Benchmarks.Budgets;

/// <summary>Line of a table. The text ends with the verdict: ok, miss, or - without a goal.</summary>
internal interface IMeasuredLine
{
    /// <summary>Whether the goal is met; null without a goal.</summary>
    bool? IsKept { get; }
}
