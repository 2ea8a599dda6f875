using System.Diagnostics;
using Unstale.Benchmarks.Budgets;

namespace Unstale.Benchmarks.Rules.Cascades;

/// <summary>Traversal of declared dependencies, beside a plain breadth-first one over dictionaries of strings.</summary>
internal static class CascadeBudgets
{
    private const double TimesBare = 1, TimesBareRaised = 3;
    private const int GroupsPerSlice = 2;

    public static IEnumerable<BudgetLine> Measure(RuleScale scale)
    {
        using var stock = new CascadeStock(scale.Groups);
        var edges = stock.Edges / scale.Groups;
        var figures = scale.Walks.Medians(
            () => PerEdge(stock.WalkBare, edges), () => PerEdge(stock.Walk, edges), () => PerEdge(stock.Invalidate, edges));
        yield return new($"cascade, an edge reached of {stock.Edges:N0}", "ns", figures[1]) { Bare = figures[0], RatioBudget = TimesBare };
        yield return new($"cascade of 2,503 keys raised, an edge reached of {stock.Edges:N0}", "ns", figures[2]) { Bare = figures[0], RatioBudget = TimesBareRaised };
    }

    private static double PerEdge(Action<int> walk, int edges)
    {
        var start = Stopwatch.GetTimestamp();
        walk(GroupsPerSlice);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / (GroupsPerSlice * edges);
    }
}
