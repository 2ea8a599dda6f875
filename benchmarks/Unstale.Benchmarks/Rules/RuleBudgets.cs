using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Rules.Cascades;
using Unstale.Benchmarks.Rules.Changes;
using Unstale.Benchmarks.Rules.Recording;

namespace Unstale.Benchmarks.Rules;

internal static class RuleBudgets
{
    /// <summary>Lazy, so that each line is printed when it is known.</summary>
    public static IEnumerable<BudgetLine> Measure(RuleScale scale) =>
        new Func<RuleScale, IEnumerable<BudgetLine>>[]
        {
            ChangeBudgets.Measure,
            EvaluationBudgets.Measure,
            CascadeBudgets.Measure,
            DependencyBudgets.Measure,
        }.SelectMany(measure => measure(scale));
}
