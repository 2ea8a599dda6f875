using System.Globalization;
using System.Reflection;

namespace Unstale.Benchmarks.Budgets;

/// <summary>Page of the documentation with the measurements beside other caches, made of the lines of one run.</summary>
internal static class ComparisonPage
{
    /// <summary>Ratio below which Unstale counts as slower or larger, beyond the noise of two cores.</summary>
    private const double Noise = 0.9;

    private static readonly (string Group, string Heading, string Text, string[] Columns)[] Tables =
    [
        ("stale", "Stale reads", "A load begins, another caller writes to the source and invalidates, and the load ends after the invalidation has returned. Signals order these steps, "
            + "so the shares depend on the caches alone. Each line is one of six schedules, 20 times.", ["Unstale", "FusionCache", "HybridCache"]),
        ("in-process", "In the memory of one process", "Nanoseconds, microseconds and bytes: less is better. The dictionary has neither expiration nor eviction nor tags, and is the limit.",
            ["Unstale", "HybridCache", "FusionCache", "MemoryCache", "ConcurrentLru", "ConcurrentLfu", "Dictionary"]),
        ("eviction", "Hit ratios of a full cache", "More is better. In brackets the largest number of entries held; the capacity is in the name of the line.",
            ["Unstale", "ConcurrentLfu", "ConcurrentLru", "MemoryCache", "exact LRU", "optimum"]),
        ("redis", "Over Redis", "A private redis-server on the same machine, each cache with its defaults. Times: less is better. Rates (/s): more is better.", ["Unstale", "FusionCache", "HybridCache"]),
    ];

    /// <param name="page">Target of the page.</param>
    /// <param name="groups">Lines of each measured group.</param>
    public static void Write(TextWriter page, IReadOnlyDictionary<string, IReadOnlyList<IComparedLine>> groups)
    {
        page.WriteLine("# Comparison");
        page.WriteLine();
        page.WriteLine("All figures of this page are of one run of this command, which wrote the page:");
        page.WriteLine();
        page.WriteLine("```");
        page.WriteLine("dotnet run -c Release --project benchmarks/Unstale.Benchmarks -- peers --page docs/comparison.md");
        page.WriteLine("```");
        page.WriteLine();
        page.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Machine: {Machine.Describe()}. Packages: {Packages()}."));
        page.WriteLine();
        page.WriteLine("Compare the columns of a line. The times of another machine differ, and times of two cores with other work vary by a tenth or more; bytes and shares are exact.");
        foreach (var (group, heading, text, columns) in Tables.Where(table => groups.ContainsKey(table.Group)))
        {
            page.WriteLine();
            page.WriteLine($"## {heading}");
            page.WriteLine();
            page.WriteLine(text);
            page.WriteLine();
            WriteTable(page, columns, groups[group]);
        }

        WriteSlower(page, groups.Values.SelectMany(static lines => lines));
    }

    private static void WriteTable(TextWriter page, string[] columns, IReadOnlyList<IComparedLine> lines)
    {
        page.WriteLine($"| | {string.Join(" | ", columns)} |");
        page.WriteLine($"|---|{string.Concat(columns.Select(static _ => "--:|"))}");
        foreach (var line in lines)
            page.WriteLine($"| {line.Title} | {string.Join(" | ", line.Cells)} |");
    }

    /// <summary>Lists the lines in which another cache is better: a reader must not have to search for them.</summary>
    private static void WriteSlower(TextWriter page, IEnumerable<IComparedLine> lines)
    {
        page.WriteLine();
        page.WriteLine("## Where Unstale is slower or larger");
        page.WriteLine();
        page.WriteLine("Lines in which HybridCache or FusionCache is better by more than a tenth. An invalidation of Unstale appends a record with a position and returns a receipt; the others");
        page.WriteLine("remove or mark values of this process. HybridCache sends no invalidation to other nodes.");
        page.WriteLine();
        foreach (var line in lines)
        {
            var better = line.Ratios.Where(static ratio => ratio.Times < Noise).Select(static ratio => ratio.Times == 0
                ? $"{ratio.Cache} needs nothing"
                : string.Create(CultureInfo.InvariantCulture, $"{ratio.Cache} is better by a factor of {1 / ratio.Times:0.0}")).ToList();
            if (better.Count > 0)
                page.WriteLine($"- {line.Title}: {string.Join(", ", better)}");
        }
    }

    private static string Packages()
    {
        Type[] types = [typeof(UnstaleCache), typeof(Microsoft.Extensions.Caching.Hybrid.HybridCacheOptions), typeof(ZiggyCreatures.Caching.Fusion.FusionCache), typeof(BitFaster.Caching.Lru.ConcurrentLru<,>)];
        return string.Join(", ", types.Select(static type => $"{type.Assembly.GetName().Name} {VersionOf(type.Assembly)}"));
    }

    private static string VersionOf(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
