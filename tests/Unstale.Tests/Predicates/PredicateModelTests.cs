using System.Globalization;
using Xunit;

namespace Unstale.Tests.Predicates;

/// <summary>
/// Random queries over a random database, held by the real horizon with their predicates, against recomputed results. A value whose result has changed must
/// be invalid. Set UNSTALE_PREDICATE_WRITES for a longer run.
/// </summary>
public sealed class PredicateModelTests(ITestOutputHelper output)
{
    private static readonly int Writes = int.TryParse(Environment.GetEnvironmentVariable("UNSTALE_PREDICATE_WRITES"), NumberStyles.None, CultureInfo.InvariantCulture, out var writes) ? writes : 8_000;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void No_value_is_valid_after_a_write_that_changes_its_result(int seed, bool isFull)
    {
        var (really, taken, missed) = PredicateRun.Run(seed, isFull, Writes);
        Assert.True(missed is null, missed);
        foreach (var (kind, count) in really.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            output.WriteLine($"{kind,-28} really {count,6} taken {taken[kind],6} ratio {(double)taken[kind] / Math.Max(1, count):0.00}");
        Assert.True(really.Values.Sum() > Writes / 4, "the writes change results");
    }

    [Fact]
    public void Equalities_ranges_and_keys_are_invalidated_by_the_writes_that_change_them()
    {
        var (really, taken, _) = PredicateRun.Run(seed: 3, isFull: true, Writes);
        foreach (var kind in (string[])["key", "foreign key", "list: equality", "list: range"])
            Assert.True(taken[kind] <= 1.05 * really[kind], $"{kind}: {taken[kind]} taken, {really[kind]} changed");
    }
}

/// <summary>The same model for the engine with a planted mistake.</summary>
internal sealed class PredicateModel
{
    public void No_value_is_valid_after_a_write_that_changes_its_result()
    {
        for (var seed = 1; seed <= 4; seed++)
            Assert.Null(PredicateRun.Run(seed, isFull: false, writes: 4_000).Missed);
    }
}
