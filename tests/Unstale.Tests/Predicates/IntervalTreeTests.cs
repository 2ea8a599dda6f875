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

    private static string Order(HeldPredicate held) => held.Cell.Tag;

    private static ColumnValue? Bound(Random random) => random.Next(6) == 0 ? null : ColumnValue.OfNumber(random.Next(10));
}
