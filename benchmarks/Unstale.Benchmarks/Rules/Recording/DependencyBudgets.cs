using System.Diagnostics;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Rules.Recording;

internal static class DependencyBudgets
{
    private const double TimesUnrecorded = 3;
    private const string Name = "fill that reads 3 held entries, recorded (bare: not)";

    public static IEnumerable<BudgetLine> Measure(RuleScale scale)
    {
        using var round = new DependencyRound();
        var loads = scale.Loads;
        var figures = scale.Steady.Medians(() => Timed(round.Unrecorded, loads), () => Timed(round.Recorded, loads));
        if (round.Dependencies != 3)
            throw new InvalidOperationException($"3 entries were read and {round.Dependencies} recorded.");
        yield return new(Name, "ns", figures[1]) { Bare = figures[0], RatioBudget = TimesUnrecorded };
        yield return new($"{Name}, bytes", "B", MemoryUse.AllocatedBy(() => round.Recorded(loads)) / loads)
        {
            Bare = MemoryUse.AllocatedBy(() => round.Unrecorded(loads)) / loads,
        };
    }

    private static double Timed(Action<int> run, int loads)
    {
        var start = Stopwatch.GetTimestamp();
        run(loads);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / loads;
    }
}
