using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Rules;

namespace Unstale.Benchmarks.Rules.Changes;

/// <summary>Cost of a change from the call to its return, in process.</summary>
internal static class ChangeBudgets
{
    private const double Flat = 1.5;
    private const double BytesWithoutRules = 1_000;
    private const double BytesWithOneRule = 3_000;
    private const int WarmUps = 20;

    public static IEnumerable<BudgetLine> Measure(RuleScale scale)
    {
        var stocks = scale.RuleCounts.Select(rules => new ChangeStock(rules, scale.Changes)).ToList();
        var figures = scale.Steady.Medians([.. stocks.Select(stock => new Contender(stock.Raise, scale.Changes))]);
        foreach (var (stock, figure) in stocks.Zip(figures))
            yield return new($"change that 3 of {stock.Rules:N0} rules are about", "ns", figure);
        yield return new($"change, {stocks[^1].Rules:N0} rules beside {stocks[0].Rules:N0}", "ns", figures[^1]) { Bare = figures[0], RatioBudget = Flat };
        stocks.ForEach(stock => stock.Dispose());
        yield return new("change without rules, bytes allocated", "B", BytesOf(scale, 0, static _ => { })) { Limit = BytesWithoutRules };
        yield return new("change with a rule and two relationships, bytes allocated", "B", BytesOf(scale, 1, static rules =>
        {
            rules.When("product").Named("catalogue").Invalidate("query");
            rules.Relate("product", "pricing").Relate("product", "calculation");
        }))
        {
            Limit = BytesWithOneRule,
        };
    }

    private static double BytesOf(RuleScale scale, int rules, Action<RuleSetBuilder> declare)
    {
        using var stock = new ChangeStock(rules, scale.Changes, declare);
        for (var i = 0; i < WarmUps; i++)
            stock.Raise(scale.Changes, 0); // code that the runtime has not optimised yet boxes
        return MemoryUse.AllocatedBy(() => stock.Raise(scale.Changes, 0)) / scale.Changes;
    }
}
