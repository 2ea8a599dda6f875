using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Rules.Changes;

/// <summary>
/// Evaluation of a change by rules, on one thread, beside the look-up and the array alone. Rules also have their order, conditions and strategies,
/// report which rules matched, and invalidate nothing twice.
/// </summary>
internal static class EvaluationBudgets
{
    private const double Least = 0.15;
    private const double NanosecondsInSecond = 1e9;

    public static IEnumerable<BudgetLine> Measure(RuleScale scale)
    {
        using var stock = new ChangeStock(scale.RuleCounts[1], scale.Changes);
        var bare = new BareRules(stock);
        var figures = scale.Steady.Medians(new Contender(bare.Evaluate, scale.Changes), new Contender(stock.Evaluate, scale.Changes));
        yield return new("rules evaluated a second, one thread", "/s", PerSecond(figures[1])) { Bare = PerSecond(figures[0]), LeastRatio = Least };
        yield return new("change with 3 rules evaluated, bytes allocated", "B", MemoryUse.AllocatedBy(() => stock.Evaluate(scale.Changes, 0)) / scale.Changes)
        {
            Bare = MemoryUse.AllocatedBy(() => bare.Evaluate(scale.Changes, 0)) / scale.Changes,
        };
    }

    private static double PerSecond(double nanosecondsPerChange) => ChangeStock.Matching * NanosecondsInSecond / nanosecondsPerChange;
}
