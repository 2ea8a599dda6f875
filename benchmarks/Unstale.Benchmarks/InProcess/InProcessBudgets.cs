using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.InProcess.ColdKeys;
using Unstale.Benchmarks.InProcess.Hits;
using Unstale.Benchmarks.InProcess.Inserts;
using Unstale.Benchmarks.InProcess.Patterns;
using Unstale.Benchmarks.InProcess.Retention;
using Unstale.Benchmarks.InProcess.Tags;

namespace Unstale.Benchmarks.InProcess;

internal static class InProcessBudgets
{
    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<BudgetLine> Measure(InProcessScale scale) =>
        new Func<InProcessScale, IEnumerable<BudgetLine>>[]
        {
            HitBudgets.Measure,
            TagBudgets.Measure,
            PatternBudgets.Measure,
            InsertBudgets.Measure,
            RetentionBudgets.Measure,
            ColdKeyBudgets.Measure,
        }.SelectMany(measure => measure(scale));
}
