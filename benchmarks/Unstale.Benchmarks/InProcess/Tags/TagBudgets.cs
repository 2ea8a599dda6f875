using System.Diagnostics;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Tags;

internal static class TagBudgets
{
    private const int Raised = 1_000;
    private const double TimesBare = 12, Flat = 1.5;
    private static readonly TimeSpan Warmth = TimeSpan.FromSeconds(2);

    public static IEnumerable<BudgetLine> Measure(InProcessScale scale)
    {
        var stocks = scale.Sizes.Select(size => new TagStock(size, Raised)).ToList();
        var bare = new BareTags(stocks[0].Raised);
        Func<double>[] slices =
        [
            () => PerTag(() => bare.Run(stocks[0].Raised)),
            .. stocks.Select(stock => new Func<double>(() =>
            {
                stock.Refill();
                return PerTag(() => stock.Run(stock.Raised));
            })),
        ];
        Warm(stocks[0]);
        var figures = scale.Steady.Medians(slices);
        foreach (var (stock, figure) in stocks.Zip(figures.Skip(1)))
            yield return new($"invalidate a tag, {stock.Entries:N0} entries", "ns", figure) { Bare = figures[0], RatioBudget = TimesBare };
        yield return new($"invalidate a tag, {stocks[^1].Entries:N0} entries beside {stocks[0].Entries:N0}", "ns", figures[^1]) { Bare = figures[1], RatioBudget = Flat };

        foreach (var stock in stocks)
        {
            foreach (var line in Reclaim(stock))
                yield return line;
            stock.Dispose();
        }
    }

    /// <summary>
    /// Runs the path for its final compilation, which happens only after most of a second. Until then the path is five times slower.
    /// </summary>
    private static void Warm(TagStock stock)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Warmth;)
            stock.Run(stock.Raised);
    }

    /// <summary>Returns the steady cost: each tag was raised a moment ago, and an entry still carries it.</summary>
    private static double PerTag(Action run)
    {
        run();
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Raised;
    }

    private static IEnumerable<BudgetLine> Reclaim(TagStock stock)
    {
        stock.Refill();
        stock.Run(stock.Raised)?.WaitForReclaimAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        stock.Refill();
        var before = stock.Held;
        stock.Run(stock.Raised);
        var milliseconds = Processor.Milliseconds(stock.ReclaimAll);
        yield return new($"entries left of {before:N0} after an invalidated tag was swept, unread", "left", stock.Held) { Limit = 0 };
        yield return new($"processor time of that sweep, {stock.Entries:N0} entries", "ms", milliseconds);
    }
}
