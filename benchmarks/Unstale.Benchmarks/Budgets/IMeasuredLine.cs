namespace Unstale.Benchmarks.Budgets;

/// <summary>One line of a table. Its text ends with the verdict: ok, miss, or - without a goal.</summary>
internal interface IMeasuredLine
{
    /// <summary>Null without a goal.</summary>
    bool? IsKept { get; }
}
