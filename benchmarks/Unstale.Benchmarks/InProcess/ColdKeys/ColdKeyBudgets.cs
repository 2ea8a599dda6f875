using System.Diagnostics;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.ColdKeys;

internal static class ColdKeyBudgets
{
    private const int Callers = 1_000;
    private const double TimesBare = 3, BytesPerCaller = 160;

    public static IEnumerable<BudgetLine> Measure(InProcessScale scale)
    {
        using var round = new ColdKeyRound(Callers);
        var figures = scale.ColdKeys.Medians(() => Timed(round.Bare), () => Timed(round.Cached));
        yield return new($"cold key, {Callers:N0} callers", "ms", figures[1]) { Bare = figures[0], RatioBudget = TimesBare };
        yield return new($"cold key, {Callers:N0} callers, bytes per caller", "B", MemoryUse.AllocatedBy(round.Cached) / Callers) { Limit = BytesPerCaller };
        yield return new($"cold key, {Callers:N0} callers, factory calls", "calls", round.MostCalls) { Limit = 1 };
    }

    private static double Timed(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
