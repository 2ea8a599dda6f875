using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Rules.Cascades;
using Unstale.Benchmarks.Rules.Changes;
using Unstale.Benchmarks.Rules.Recording;
using Unstale.Benchmarks.Rules.Rows;

namespace Unstale.Benchmarks.Rules;

internal static class RuleBudgets
{
    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<BudgetLine> Measure(RuleScale scale) =>
        new Func<RuleScale, IEnumerable<BudgetLine>>[]
        {
            ChangeBudgets.Measure,
            EvaluationBudgets.Measure,
            CascadeBudgets.Measure,
            DependencyBudgets.Measure,
            RowBudgets.Measure,
        }.SelectMany(measure => measure(scale));
}
