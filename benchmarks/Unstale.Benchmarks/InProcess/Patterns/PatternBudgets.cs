using System.Diagnostics;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Patterns;

internal static class PatternBudgets
{
    private const int AtOnce = 8;
    private const double MarkMilliseconds = 0.005, Flat = 1.5, TimesScan = 2;

    public static IEnumerable<BudgetLine> Measure(InProcessScale scale)
    {
        using var small = new PatternStock(scale.Sizes[0]);
        using var large = new PatternStock(scale.Sizes[^1]);
        var marks = scale.Sweeps.Medians(() => Mark(small), () => Mark(large));
        yield return new($"pattern, mark, {small.Entries:N0} keys", "ms", marks[0]) { Limit = MarkMilliseconds };
        yield return new($"pattern, mark, {large.Entries:N0} keys", "ms", marks[1]) { Limit = MarkMilliseconds };
        yield return new($"pattern, mark, {large.Entries:N0} keys beside {small.Entries:N0}", "ms", marks[1]) { Bare = marks[0], RatioBudget = Flat };

        var sweeps = scale.Sweeps.Medians(() => Scan(small), () => Sweep(small), () => Scan(large), () => Sweep(large));
        yield return new($"pattern, sweep, processor time, {small.Entries:N0} keys", "ms", sweeps[1]) { Bare = sweeps[0] };
        yield return new($"pattern, sweep, processor time, {large.Entries:N0} keys", "ms", sweeps[3]) { Bare = sweeps[2], RatioBudget = TimesScan };
    }

    /// <summary>Returns the time until the call returns. Waits for the sweeps afterwards, so that none runs into the next round.</summary>
    private static double Mark(PatternStock stock)
    {
        var patterns = stock.NextPatterns(AtOnce);
        var start = Stopwatch.GetTimestamp();
        var last = stock.Mark(patterns);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds / AtOnce;
        last.WaitForReclaimAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return elapsed;
    }

    /// <summary>Returns processor time, because a sweep begins late and works slowly on purpose: no caller waits for it.</summary>
    private static double Sweep(PatternStock stock)
    {
        var pattern = stock.NextPatterns(1)[0];
        return Processor.Milliseconds(() => stock.MarkAndSweep(pattern));
    }

    private static double Scan(PatternStock stock) => Processor.Milliseconds(() => stock.Scan("shelf:007:"));
}
