using Unstale.Horizon;
using Unstale.Predicates;
using Xunit;

namespace Unstale.Tests.Predicates;

public sealed class IntervalTreeTests
{
    [Fact]
    public void The_tree_finds_the_ranges_around_a_value_among_random_ones()
    {
        var random = new Random(5);
        var tree = new IntervalTree();
        var held = new List<HeldPredicate>();
        for (var step = 0; step < 3_000; step++)
        {
            if (held.Count > 0 && random.Next(5) < 2)
            {
                var removed = held[random.Next(held.Count)];
                held.Remove(removed);
                tree.Remove(removed);
            }
            else
            {
                var range = Term.Between("c", Bound(random), Bound(random));
                held.Add(new HeldPredicate(RowPredicate.Create("t", [range], null), new TagCell($"{step}", 0)));
                tree.Add(held[^1]);
            }

            var value = ColumnValue.OfNumber(random.Next(-2, 12));
            var found = new List<HeldPredicate>();
            tree.FindAround(value, found.Add);
            Assert.Equal(held.Where(one => one.Predicate.Home!.Holds(value) == Truth.True).Select(Order).Order(), found.Select(Order).Order());
        }

        foreach (var one in held)
            tree.Remove(one);
        Assert.True(tree.IsEmpty);
    }

    /// <summary>A double has 53 bits. The conversion of a decimal may even reverse the order of two neighbours with different scales.</summary>
    [Fact]
    public void The_tree_finds_ranges_whose_bounds_differ_from_the_value_by_less_than_a_double_can()
    {
        var random = new Random(6);
        for (var round = 0; round < 20_000; round++)
        {
            var bound = new decimal(random.Next(), random.Next(), random.Next(), random.Next(2) == 0, (byte)random.Next(29));
            var step = new decimal(1, 0, 0, isNegative: false, (byte)random.Next(29));
            foreach (var value in (ReadOnlySpan<decimal>)[bound, bound / 1.0000000000000000000000000000m, bound + step, bound - step])
            {
                var tree = new IntervalTree();
                var (from, to) = (Held(bound, null), Held(null, bound));
                tree.Add(from);
                tree.Add(to);
                var found = new List<HeldPredicate>();
                tree.FindAround(ColumnValue.OfNumber(value), found.Add);
                Assert.True(value < bound || found.Contains(from), $"{value} is at least {bound}");
                Assert.True(value > bound || found.Contains(to), $"{value} is at most {bound}");
            }
        }
    }

    private static HeldPredicate Held(decimal? from, decimal? to) =>
        new(RowPredicate.Create("t", [Term.Between("c", Of(from), Of(to))], null), new TagCell("range", 0));

    private static ColumnValue? Of(decimal? bound) => bound is { } number ? ColumnValue.OfNumber(number) : null;

    private static string Order(HeldPredicate held) => held.Cell.Tag;

    private static ColumnValue? Bound(Random random) => random.Next(6) == 0 ? null : ColumnValue.OfNumber(random.Next(10));
}
