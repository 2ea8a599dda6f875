using System.Diagnostics;
using System.Globalization;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Horizon;
using Unstale.Predicates;
using Unstale.Values;

namespace Unstale.Benchmarks.Rules.Rows;

/// <summary>Records of rows, read from their texts and compared with the predicates of held values. Each record hits one predicate or none.</summary>
internal static class RowBudgets
{
    private const double Microseconds = 5;

    public static IEnumerable<BudgetLine> Measure(RuleScale scale)
    {
        var count = scale.RuleCounts[^1];
        foreach (var (kind, predicate) in ((string, Func<int, string>)[])[("equalities", Equality), ("ranges", Range), ("equalities and ranges", static i => i % 2 == 0 ? Equality(i) : Range(i))])
        {
            var table = new PredicateTable(new StripedSequences(16), static _ => [], new HorizonSettings().RecentChanges);
            for (var i = 0; i < count; i++)
                table.FindOrAdd(DependencyTag.PredicatePrefix + predicate(i));
            string[] changes = [.. Enumerable.Range(0, scale.Changes).Select(i => Change(i * (count / scale.Changes)))];
            var hits = 0;
            var figures = scale.Steady.Medians(() => Timed(table, changes, ref hits));
            if (hits == 0)
                throw new InvalidOperationException("No record hits a predicate.");
            yield return new(string.Create(CultureInfo.InvariantCulture, $"record of a row against {count:#,0} {kind}"), "us", figures[0]) { Limit = Microseconds };
        }
    }

    private static string Equality(int i) => string.Create(CultureInfo.InvariantCulture, $"product[id={i}]{{name,price}}");

    private static string Range(int i) => string.Create(CultureInfo.InvariantCulture, $"product[price>={i}<={i}.5]{{id}}");

    private static string Change(int i) => string.Create(
        CultureInfo.InvariantCulture, $"product update old{{id={i};category_id=7;price={i}.25;name=t0123456789abcdef}} new{{price={i}.75}} changed{{price}}");

    private static double Timed(PredicateTable table, string[] changes, ref int hits)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var change in changes)
            hits += table.Apply(RowText.ParseChange(change)!, sequence: 1).Count;
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / changes.Length;
    }
}
