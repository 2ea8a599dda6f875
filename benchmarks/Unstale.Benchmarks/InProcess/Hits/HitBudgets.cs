using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Hits;

internal static class HitBudgets
{
    private const double UpToThreeTags = 2.2, TenTags = 2.6, OnUnstaleCache = 2, Zipf = 3.3;
    private static readonly int[] TagCounts = [0, 1, 3, 10];

    public static IEnumerable<BudgetLine> Measure(InProcessScale scale)
    {
        using var stock = new HitStock(scale.Entries, TagCounts);
        var hot = Accesses.Hot(scale.Entries, scale.HotKeys);
        foreach (var threads in new[] { 1, 2 })
        {
            foreach (var line in Hot(stock, hot, threads, scale))
                yield return line;
        }

        foreach (var line in OnUnstale(stock, hot, scale))
            yield return line;

        var zipf = Accesses.Zipf(scale.Entries, scale.Accesses);
        var uniform = Accesses.Uniform(scale.Entries, scale.Accesses);
        foreach (var threads in new[] { 1, 2 })
        {
            yield return Spread(stock, zipf, threads, scale, "Zipf 0.99") with { RatioBudget = Zipf };
            yield return Spread(stock, uniform, threads, scale, "uniform");
        }

        foreach (var tags in TagCounts)
        {
            yield return Allocated(stock.ByString(hot, tags), $"bytes per hit, {tags} tags, string key", scale);
            yield return Allocated(stock.BySpan(hot, tags), $"bytes per hit, {tags} tags, span key", scale);
        }
    }

    private static IEnumerable<BudgetLine> Hot(HitStock stock, string[] keys, int threads, InProcessScale scale)
    {
        HitLoop[] loops =
        [
            stock.Dictionary(keys),
            stock.MemoryCache(keys),
            .. TagCounts.Select(tags => stock.ByString(keys, tags)),
            .. TagCounts.Select(tags => stock.BySpan(keys, tags)),
        ];
        var figures = scale.Hits.Medians([.. loops.Select(loop => loop.On(threads, scale.SliceReads))]);
        for (var index = 2; index < figures.Length; index++)
        {
            var tags = TagCounts[(index - 2) % TagCounts.Length];
            var key = index - 2 < TagCounts.Length ? "string" : "span";
            yield return new($"hit, hot {scale.HotKeys:N0}, {tags} tags, {key} key, {Plural(threads)}", "ns", figures[index])
            {
                Bare = figures[0],
                MemoryCache = figures[1],
                RatioBudget = tags <= 3 ? UpToThreeTags : TenTags,
            };
        }
    }

    private static IEnumerable<BudgetLine> OnUnstale(HitStock stock, string[] keys, InProcessScale scale)
    {
        int[] tagCounts = [0, 3];
        HitLoop[] loops = [stock.Dictionary(keys), stock.MemoryCache(keys), .. tagCounts.Select(tags => stock.OnUnstaleCache(keys, tags))];
        var figures = scale.Hits.Medians([.. loops.Select(loop => loop.On(1, scale.SliceReads))]);
        foreach (var (tags, figure) in tagCounts.Zip(figures.Skip(2)))
        {
            yield return new($"hit on UnstaleCache, hot {scale.HotKeys:N0}, {tags} tags, string key, 1 thread", "ns", figure)
            {
                Bare = figures[0],
                MemoryCache = figures[1],
                RatioBudget = OnUnstaleCache,
            };
        }
    }

    private static BudgetLine Spread(HitStock stock, string[] keys, int threads, InProcessScale scale, string name)
    {
        HitLoop[] loops = [stock.Dictionary(keys), stock.MemoryCache(keys), stock.ByString(keys, 3)];
        var figures = scale.Hits.Medians([.. loops.Select(loop => loop.On(threads, scale.SliceReads))]);
        return new($"hit, {name} over {scale.Entries:N0}, 3 tags, string key, {Plural(threads)}", "ns", figures[2])
        {
            Bare = figures[0],
            MemoryCache = figures[1],
        };
    }

    private static BudgetLine Allocated(HitLoop loop, string name, InProcessScale scale)
    {
        loop.Run(scale.Accesses, 0);
        return new(name, "B", MemoryUse.AllocatedBy(() => loop.Run(scale.Accesses, 0)) / scale.Accesses) { Limit = 0 };
    }

    private static string Plural(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";
}
