using Unstale.Benchmarks.Budgets;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>
/// Measurement of Unstale beside other caches in memory and a dictionary; null for a cache without the operation. A ratio above one means that Unstale is
/// better.
/// </summary>
internal sealed record MemoryPeerLine(string Name, string Unit, double Ours) : IComparedLine
{
    public double? HybridCache { get; init; }

    public double? FusionCache { get; init; }

    public double? MemoryCache { get; init; }

    public double? ConcurrentLru { get; init; }

    public double? ConcurrentLfu { get; init; }

    /// <summary>Figure of a dictionary without expiry, eviction and tags: the limit.</summary>
    public double? Dictionary { get; init; }

    public bool? IsKept => null;

    public string Title => Name;

    public IReadOnlyList<string> Cells => [.. new[] { Ours, HybridCache, FusionCache, MemoryCache, ConcurrentLru, ConcurrentLfu, Dictionary }.Select(figure => Figures.Of(figure, Unit))];

    public IEnumerable<(string Cache, double? Times)> Ratios => Ours == 0 ? [] : [("HybridCache", HybridCache / Ours), ("FusionCache", FusionCache / Ours)];

    public static string Heading(string group) => Row(
        group, "ours", "HybridCache", "FusionCache", "MemoryCache", "ConcurrentLru", "ConcurrentLfu", "Dictionary", ["Hybrid", "Fusion", "Memory", "Lru", "Lfu"], "");

    /// <param name="name">Name of the line.</param>
    /// <param name="unit">Unit of the figures.</param>
    /// <param name="ours">Figure of Unstale.</param>
    /// <param name="others">Figures of <see cref="MemoryPeers.Tagged"/>, then of <see cref="MemoryPeers.Untagged"/> if these have the operation.</param>
    public static MemoryPeerLine Of(string name, string unit, double ours, params double[] others)
    {
        var line = new MemoryPeerLine(name, unit, ours) { HybridCache = others[0], FusionCache = others[1] };
        return others.Length == 2 ? line : line with { MemoryCache = others[2], ConcurrentLru = others[3], ConcurrentLfu = others[4], Dictionary = others[5] };
    }

    /// <summary>Returns a line of Unstale in place of HybridCache, and one of its own type, beside the same figures of the others.</summary>
    /// <param name="name">Name of both lines.</param>
    /// <param name="unit">Unit of the figures.</param>
    /// <param name="own">Name of the own type.</param>
    /// <param name="figures">Figures of <see cref="MemoryPeers.Ours"/>, then of the others as in <see cref="Of"/>.</param>
    public static MemoryPeerLine[] Both(string name, string unit, string own, double[] figures) =>
    [
        Of($"{name}, as HybridCache", unit, figures[0], figures[2..]),
        Of($"{name}, on {own}", unit, figures[1], figures[2..]),
    ];

    public override string ToString() => Row(
        Name,
        Figures.Of(Ours, Unit),
        Figures.Of(HybridCache, Unit),
        Figures.Of(FusionCache, Unit),
        Figures.Of(MemoryCache, Unit),
        Figures.Of(ConcurrentLru, Unit),
        Figures.Of(ConcurrentLfu, Unit),
        Figures.Of(Dictionary, Unit),
        [Times(HybridCache), Times(FusionCache), Times(MemoryCache), Times(ConcurrentLru), Times(ConcurrentLfu)],
        Figures.Verdict(IsKept));

    private string Times(double? peer) => Figures.Times(Ours == 0 ? null : peer / Ours);

    private static string Row(string name, string ours, string hybrid, string fusion, string memory, string lru, string lfu, string dictionary, string[] ratios, string verdict) =>
        $"{name,-62} {ours,11} {hybrid,12} {fusion,12} {memory,12} {lru,14} {lfu,14} {dictionary,11}{string.Concat(ratios.Select(ratio => $" {ratio,7}"))}  {verdict}".TrimEnd();
}
