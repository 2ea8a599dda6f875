using System.Diagnostics;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Patterns;

/// <summary>Pattern over many values in Redis: the mark, the time until all values are removed, and the waits of other reads meanwhile.</summary>
internal static class RedisPatternBudgets
{
    private const int Marks = 5;
    private const double Flat = 1.5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2), Limit = TimeSpan.FromMinutes(2);
    private static readonly string[] Others = [.. Enumerable.Range(0, 100).Select(i => $"other:{i:D3}")];

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var node = new RedisNode(server);
        using var stock = new RedisStock(server);
        using var others = new OtherReads(server, node.Cache, Others);
        double? small = null;
        foreach (var size in scale.Stocks)
        {
            stock.Load(node.Cache, size);
            var bareWaits = others.BareWhile(() => new ValueTask(stock.ScanAsync()).Wait(), out var scanned);
            stock.Load(node.Cache, size);
            var mark = 0.0;
            var waits = others.CachedWhile(() => mark = MarkAndSweep(node, stock), out var swept);
            yield return new($"pattern, mark, {size:N0} keys in Redis", "µs", mark) { Bare = small, RatioBudget = small is null ? null : Flat };
            small ??= mark;
            yield return new($"pattern, until swept, {size:N0} keys in Redis", "ms", swept) { Bare = scanned };
            yield return new($"pattern, other values meanwhile, {size:N0} keys, p99", "µs", waits.At(0.99)) { Bare = bareWaits.At(0.99) };
        }
    }

    /// <summary>Returns the microseconds of a mark. All marks but the first match nothing, so one sweep serves all of them.</summary>
    private static double MarkAndSweep(RedisNode node, RedisStock stock)
    {
        // The work before has warmed up other invalidations, not this one.
        for (var i = 0; i < Marks; i++)
            node.Invalidator.InvalidatePatternAsync(new GlobPattern($"warm:{i}:*")).Wait();
        var times = new List<double>();
        for (var i = 0; i < Marks; i++)
        {
            var pattern = new GlobPattern(i == 0 ? RedisStock.Pattern : $"none:{i}:*");
            var start = Stopwatch.GetTimestamp();
            node.Invalidator.InvalidatePatternAsync(pattern).Wait();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (stock.IsListed())
            new ValueTask(Task.Delay(Pause, TimeProvider.System, limit.Token)).Wait();
        return Rounds.Median(times);
    }
}
