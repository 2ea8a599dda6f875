using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Rules.Changes;

/// <summary>Cost of a change from the call to its return, in process.</summary>
internal static class ChangeBudgets
{
    private const double Flat = 1.5;

    public static IEnumerable<BudgetLine> Measure(RuleScale scale)
    {
        var stocks = scale.RuleCounts.Select(rules => new ChangeStock(rules, scale.Changes)).ToList();
        var figures = scale.Steady.Medians([.. stocks.Select(stock => new Contender(stock.Raise, scale.Changes))]);
        foreach (var (stock, figure) in stocks.Zip(figures))
            yield return new($"change that 3 of {stock.Rules:N0} rules are about", "ns", figure);
        yield return new($"change, {stocks[^1].Rules:N0} rules beside {stocks[0].Rules:N0}", "ns", figures[^1]) { Bare = figures[0], RatioBudget = Flat };
        stocks.ForEach(stock => stock.Dispose());
    }
}
