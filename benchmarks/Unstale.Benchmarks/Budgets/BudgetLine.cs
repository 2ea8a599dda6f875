namespace Unstale.Benchmarks.Budgets;

/// <summary>Measurement with an optional budget: a ratio to the bare figure of the same run, or the figure itself.</summary>
internal sealed record BudgetLine(string Name, string Unit, double Ours) : IMeasuredLine
{
    /// <summary>Figure of the same work without a cache around it, or of the smallest replacement.</summary>
    public double? Bare { get; init; }

    /// <summary>Figure of <c>MemoryCache</c> for the same work, for comparison.</summary>
    public double? MemoryCache { get; init; }

    /// <summary>Maximum ratio to the bare figure.</summary>
    public double? RatioBudget { get; init; }

    /// <summary>Minimum ratio to the bare figure, if a larger figure is better.</summary>
    public double? LeastRatio { get; init; }

    /// <summary>Maximum of the figure itself.</summary>
    public double? Limit { get; init; }

    /// <summary>Minimum of the figure itself, if a larger figure is better.</summary>
    public double? Least { get; init; }

    public double? Ratio => Ours / Bare;

    /// <summary>Whether the budget is met; null without a budget.</summary>
    public bool? IsKept => (RatioBudget, LeastRatio, Limit, Least) switch
    {
        ({ } ratio, _, _, _) => Ratio <= ratio,
        (_, { } least, _, _) => Ratio >= least,
        (_, _, { } limit, _) => Ours <= limit,
        (_, _, _, { } least) => Ours >= least,
        _ => null,
    };

    public static string Heading(string group) => Row(group, "ours", "bare", "ratio", "budget", "MemoryCache", "");

    public override string ToString() => Row(
        Name,
        Figures.Of(Ours, Unit),
        Figures.Of(Bare, Unit),
        Figures.Times(Ratio),
        (RatioBudget ?? LeastRatio) is { } ratio ? Figures.Times(ratio) : Figures.Of(Limit ?? Least, Unit),
        Figures.Of(MemoryCache, Unit),
        Figures.Verdict(IsKept));

    private static string Row(string name, string ours, string bare, string ratio, string budget, string peer, string verdict) =>
        $"{name,-72} {ours,11} {bare,15} {ratio,8} {budget,11} {peer,13}  {verdict}".TrimEnd();
}
