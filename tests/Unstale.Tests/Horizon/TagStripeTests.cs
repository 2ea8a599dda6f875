using Unstale.Horizon;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class TagStripeTests
{
    private readonly StripedSequences _stripes = new(16);
    private readonly TagTable _table;

    public TagStripeTests() => _table = new TagTable(_stripes, new PendingKeys(), new PendingKeys(), new PredicateTable(_stripes, static _ => [], new HorizonSettings().RecentChanges));

    [Fact]
    public void Equal_tags_share_one_set_and_equal_names_one_cell()
    {
        var first = _table.Hold(["a", "b"]);
        Assert.Same(first, _table.Hold([string.Concat("a"), "b"]));
        var other = _table.Hold(["b", "a"]);
        Assert.NotSame(first, other);
        Assert.Same(first.Cells[0], other.Cells[1]);
        Assert.Equal("a,b", $"{first.Cells[0].Tag},{first.Cells[1].Tag}");
        Assert.Equal(2, _table.Count);
        Assert.Equal((2, 1), (first.Holders, other.Holders));
        Assert.Equal(2, first.Cells[0].Holders);
    }

    [Fact]
    public void The_set_of_a_single_tag_is_the_cell_of_the_tag()
    {
        var single = _table.Hold(["a"]);
        var pair = _table.Hold(["a", "b"]);
        Assert.Same(single, pair.Cells[0]);
        Assert.Same(single, single.Cells[0]);
        Assert.Equal((1, 2), (single.Cells.Length, pair.Cells.Length));
        Assert.Equal(["a"], single.Names);
        Assert.Equal(["a"], single.Tags);
        Assert.True(single.IsWithin(pair));
        Assert.False(pair.IsWithin(single));
        Assert.Equal(2, single.Holders);
        _table.Release(pair);
        Assert.Equal((1, 0), (single.Holders, pair.Holders));
        Assert.Equal(0, single.Cells[0].Effective);
        _table.Release(single);
        Assert.Equal(long.MaxValue, single.Cells[0].Effective);
        Assert.Equal(0, _table.Count);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("\0key")]
    [InlineData("\0\0key")]
    [InlineData(DependencyTag.AnyRecord)]
    public void The_cells_of_a_set_are_enumerated_in_the_order_of_its_names(string single)
    {
        foreach (string[] names in new string[][] { [], [single], [single, "b"], ["c", "b", single] })
        {
            var found = new List<string>();
            var set = _table.Hold(names);
            foreach (var cell in set.Cells)
                found.Add(cell.Tag);
            Assert.Equal(names, found);
            Assert.Equal(names, set.Tags);
        }
    }

    [Fact]
    public void Cells_of_every_kind_are_counted()
    {
        _table.Hold(["a", "b", DependencyTag.ForKey("one"), DependencyTag.ForKey("two"), DependencyTag.ForKey("three"), DependencyTag.ForDeclaredKey("one")]);
        Assert.Equal((6, 3, 1), (_table.Count, _table.Keys.Count, _table.Declared.Count));
    }

    [Fact]
    public void A_cell_is_removed_with_its_last_holder_and_counts_as_invalidated_afterwards()
    {
        var set = _table.Hold(["a"]);
        Assert.Same(set, _table.Hold(["a"]));
        var pending = _table.HoldCell("a");
        _table.Release(set);
        _table.Release(set);
        Assert.True(_table.TryFind("a", out var cell));
        Assert.Same(pending, cell);
        Assert.Equal(0, cell.Effective);
        _table.ReleaseCell(cell);
        Assert.False(_table.TryFind("a", out _));
        Assert.Equal(long.MaxValue, cell.Effective);
        Assert.NotSame(cell, _table.Hold(["a"]).Cells[0]);
    }

    [Fact]
    public void An_empty_list_of_tags_gives_the_shared_empty_set_without_holders()
    {
        Assert.Same(TagSet.Empty, _table.Hold([]));
        _table.Release(TagSet.Empty);
        Assert.Equal(0, TagSet.Empty.Holders);
    }

    [Fact]
    public void A_new_cell_starts_at_the_last_invalidation_of_its_tag()
    {
        _stripes.RaiseTag("a", 7);
        Assert.Equal(7, _table.Hold(["a"]).Cells[0].Effective);
    }

    [Fact]
    public void A_cell_never_decreases_except_in_a_new_generation()
    {
        var cell = _table.HoldCell("a");
        cell.Raise(5);
        cell.Raise(3);
        Assert.Equal(5, cell.Effective);
        cell.AddPending(1);
        cell.Raise(9);
        Assert.Equal(long.MaxValue, cell.Effective);
        _table.ResetTo(2);
        Assert.Equal(long.MaxValue, cell.Effective);
        cell.AddPending(-1);
        Assert.Equal(2, cell.Effective);
    }

    [Fact]
    public void Stripes_rise_and_never_fall_and_keep_keys_apart_from_tags()
    {
        _stripes.RaiseKey("x", 5);
        _stripes.RaiseKey("x", 3);
        Assert.Equal(5, _stripes.ForKey("x"));
        Assert.Equal(0, _stripes.ForTag("x"));
        _stripes.RaiseTag("x", 9);
        Assert.Equal((5, 9), (_stripes.ForKey("x"), _stripes.ForTag("x")));
        _stripes.ResetTo(4);
        Assert.Equal((4, 4, 4), (_stripes.ForKey("x"), _stripes.ForTag("x"), _stripes.ForKey("anything")));
    }

    [Fact]
    public void Few_of_many_keys_share_a_stripe()
    {
        for (var i = 0; i < 1000; i++)
            _stripes.RaiseKey($"raised:{i}", 1);
        var shared = Enumerable.Range(0, 10_000).Count(i => _stripes.ForKey($"other:{i}") > 0);
        Assert.InRange(shared, 20, 500); // 1,000 of 65,536 stripes: 151 expected
    }
}
