using System.Diagnostics;
using Microsoft.Extensions.Caching.Memory;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.InProcess.Inserts;

internal static class InsertBudgets
{
    private const double TimesBare = 1.6;
    private const double MicrosecondsUnderTheLock = 20;

    public static IEnumerable<BudgetLine> Measure(InProcessScale scale)
    {
        var round = new InsertRound(scale.Entries);
        var figures = scale.Whole.Medians(
            () => Bare(round),
            () => MemoryCache(round),
            () => Cached(round, round.Load),
            () => Cached(round, round.Set));
        yield return Line("insert by a load", figures[2]) with { RatioBudget = TimesBare };
        yield return Line("insert by SetAsync", figures[3]);
        foreach (var line in UnderTheLock(scale.Sizes[^1]))
            yield return line;

        BudgetLine Line(string name, double figure) =>
            new($"{name}, {scale.Entries:N0} new keys, 3 tags", "ns", figure) { Bare = figures[0], MemoryCache = figures[1] };
    }

    /// <summary>Measures inserts while the table grows, and into the full cache after all entries were read.</summary>
    private static IEnumerable<BudgetLine> UnderTheLock(int entries)
    {
        using var times = new LockTimes(entries);
        var growing = times.Insert(entries);
        times.ReadAll();
        var full = times.Insert(entries / 2);
        return
        [
            Line("growing", growing),
            Line("full and all read", full),
        ];

        BudgetLine Line(string state, double[] ascending) =>
            new($"insert, under the lock, {entries:N0} entries, {state}, p99.9", "µs", ascending.At(.999)) { Limit = MicrosecondsUnderTheLock };
    }

    private static double Bare(InsertRound round)
    {
        var bare = round.NewBare();
        var elapsed = Timed(() => round.Bare(bare), round);
        GC.KeepAlive(bare);
        return elapsed;
    }

    private static double MemoryCache(InsertRound round)
    {
        using var cache = new MemoryCache(new MemoryCacheOptions());
        return Timed(() => round.MemoryCache(cache), round);
    }

    private static double Cached(InsertRound round, Action<BenchmarkCache> insert)
    {
        using var cache = round.NewCache();
        var elapsed = Timed(() => insert(cache), round);
        if (cache.Entries != round.Entries)
            throw new InvalidOperationException($"{round.Entries} were inserted and {cache.Entries} are held.");
        return elapsed;
    }

    /// <summary>Times an insert. Each starts on the same heap and includes only its own collections.</summary>
    private static double Timed(Action insert, InsertRound round)
    {
        MemoryUse.Tidy();
        var start = Stopwatch.GetTimestamp();
        insert();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / round.Entries;
    }
}
