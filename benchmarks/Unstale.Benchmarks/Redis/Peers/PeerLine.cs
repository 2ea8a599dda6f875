using Unstale.Benchmarks.Budgets;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>Measurement of Unstale beside other caches. A ratio above one means that Unstale is better.</summary>
internal sealed record PeerLine(string Name, string Unit, double Ours) : IComparedLine
{
    /// <summary>Figure of FusionCache; null if there is no such operation.</summary>
    public double? FusionCache { get; init; }

    /// <summary>Figure of HybridCache; null if there is no such operation.</summary>
    public double? HybridCache { get; init; }

    /// <summary>Whether a larger figure is better, as for a rate.</summary>
    public bool IsRate => Unit == "/s";

    /// <summary>Minimum ratio to FusionCache; null without a goal.</summary>
    public double? Goal { get; init; }

    /// <summary>Whether the goal applies to HybridCache too.</summary>
    public bool GoalIsForBoth { get; init; }

    /// <summary>Note printed below the line.</summary>
    public string? Note { get; init; }

    public double? TimesFusionCache => Times(FusionCache);

    public double? TimesHybridCache => Times(HybridCache);

    public bool? IsKept => Goal is { } goal ? TimesFusionCache >= goal && (!GoalIsForBoth || TimesHybridCache >= goal) : null;

    public string Title => Name;

    public IReadOnlyList<string> Cells => [Figures.Of(Ours, Unit), Figures.Of(FusionCache, Unit), Figures.Of(HybridCache, Unit)];

    public IEnumerable<(string Cache, double? Times)> Ratios => [("HybridCache", TimesHybridCache), ("FusionCache", TimesFusionCache)];

    public static string Heading(string group) => Row(group, "ours", "FusionCache", "HybridCache", "Fusion", "Hybrid", "goal", "");

    public override string ToString()
    {
        var row = Row(
            Name,
            Figures.Of(Ours, Unit),
            Figures.Of(FusionCache, Unit),
            Figures.Of(HybridCache, Unit),
            Figures.Times(TimesFusionCache),
            Figures.Times(TimesHybridCache),
            Figures.Times(Goal),
            Figures.Verdict(IsKept));
        return Note is null ? row : row + Environment.NewLine + "  " + Note;
    }

    private double? Times(double? peer) => Ours == 0 ? null : IsRate ? Ours / peer : peer / Ours;

    private static string Row(string name, string ours, string fusion, string hybrid, string timesFusion, string timesHybrid, string goal, string verdict) =>
        $"{name,-74} {ours,15} {fusion,15} {hybrid,15} {timesFusion,8} {timesHybrid,8} {goal,7}  {verdict}".TrimEnd();
}
