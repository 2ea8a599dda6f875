using System.Globalization;
using Unstale.Benchmarks.Budgets;

namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>Hit ratios of one trace in percent, each with the largest number of entries held.</summary>
internal sealed record EvictionLine(Trace Trace, (double Ratio, int Held) Ours) : IComparedLine
{
    /// <summary>Points by which the ratio may be below the ratio of <c>ConcurrentLfu</c>.</summary>
    public const double Allowance = 1;

    public required (double Ratio, int Held) ConcurrentLfu { get; init; }

    public required (double Ratio, int Held) ConcurrentLru { get; init; }

    public required (double Ratio, int Held) MemoryCache { get; init; }

    public required double ExactLru { get; init; }

    public required double Optimum { get; init; }

    /// <summary>Minimum ratio in percent; null if the goal is the ratio of <c>ConcurrentLfu</c>.</summary>
    public double? Least { get; init; }

    public double Goal => Least ?? (ConcurrentLfu.Ratio - Allowance);

    public bool? IsKept => Ours.Ratio >= Goal && Ours.Held <= Trace.Capacity;

    public string Title => $"{Trace.Name}, {Trace.Capacity:N0} entries";

    public IReadOnlyList<string> Cells => [Both(Ours), Both(ConcurrentLfu), Both(ConcurrentLru), Both(MemoryCache), Share(ExactLru), Share(Optimum)];

    public IEnumerable<(string Cache, double? Times)> Ratios => [];

    public static string Heading(string group) => Row(group, "ours", "ConcurrentLfu", "ConcurrentLru", "MemoryCache", "exact LRU", "optimum", "goal", "");

    public override string ToString() => Row(
        Title, Both(Ours), Both(ConcurrentLfu), Both(ConcurrentLru), Both(MemoryCache), Share(ExactLru), Share(Optimum), Share(Goal), Figures.Verdict(IsKept));

    private static string Both((double Ratio, int Held) figures) => string.Create(CultureInfo.InvariantCulture, $"{Share(figures.Ratio)} ({figures.Held:N0})");

    private static string Share(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.0} %");

    private static string Row(string name, string ours, string lfu, string lru, string memoryCache, string exact, string optimum, string goal, string verdict) =>
        $"{name,-62} {ours,17} {lfu,17} {lru,17} {memoryCache,17} {exact,10} {optimum,9} {goal,8}  {verdict}".TrimEnd();
}
