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
        var fills = scale.Fills;
        var figures = scale.Steady.Medians(() => Timed(round.Unrecorded, fills), () => Timed(round.Recorded, fills));
        if (round.Dependencies != 3)
            throw new InvalidOperationException($"3 entries were read and {round.Dependencies} recorded.");
        yield return new(Name, "ns", figures[1]) { Bare = figures[0], RatioBudget = TimesUnrecorded };
        yield return new($"{Name}, bytes", "B", Memory.AllocatedBy(() => round.Recorded(fills)) / fills)
        {
            Bare = Memory.AllocatedBy(() => round.Unrecorded(fills)) / fills,
        };
    }

    private static double Timed(Action<int> run, int fills)
    {
        var start = Stopwatch.GetTimestamp();
        run(fills);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / fills;
    }
}
