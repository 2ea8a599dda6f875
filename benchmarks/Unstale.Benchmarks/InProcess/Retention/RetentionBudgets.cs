using System.Globalization;
using Microsoft.Extensions.Caching.Memory;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Retention;

/// <summary>Memory retained by an entry. The key string counts; the value is one object shared by all.</summary>
internal static class RetentionBudgets
{
    private const int Tags = 3;
    private const double BytesPerEntry = 180;

    public static IEnumerable<BudgetLine> Measure(InProcessScale scale)
    {
        foreach (var entries in scale.Sizes.Skip(1))
        {
            var peer = MemoryUse.RetainedBy(() => LoadedMemoryCache(entries)) / entries;
            var names = Keys.SharedTagNames(entries, Tags);
            var shared = MemoryUse.RetainedBy(() => Loaded(entries, number => Keys.SharedTags(names, number, Tags))) / entries;
            var own = MemoryUse.RetainedBy(() => Loaded(entries, OwnTag)) / entries;
            GC.KeepAlive(names);
            yield return new($"retained per entry, {entries:N0} entries, 3 shared tags", "B", shared) { Limit = BytesPerEntry, MemoryCache = peer };
            yield return new($"retained per entry, {entries:N0} entries, 1 tag of its own", "B", own) { MemoryCache = peer };
        }
    }

    private static string[] OwnTag(int number) => [string.Create(CultureInfo.InvariantCulture, $"item:{number:000000000}")];

    private static BenchmarkCache Loaded(int entries, Func<int, string[]> tagsOf)
    {
        var cache = new BenchmarkCache(entries);
        for (var number = 0; number < entries; number++)
            cache.Load(Keys.Of(number), Keys.Value, tagsOf(number));
        if (cache.Entries != entries)
            throw new InvalidOperationException($"{entries} were inserted and {cache.Entries} are held.");
        return cache;
    }

    private static MemoryCache LoadedMemoryCache(int entries)
    {
        var cache = new MemoryCache(new MemoryCacheOptions());
        for (var number = 0; number < entries; number++)
            cache.Set(Keys.Of(number), Keys.Value, TimeSpan.FromHours(1));
        return cache;
    }
}
