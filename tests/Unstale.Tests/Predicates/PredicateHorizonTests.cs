using Unstale.Horizon;
using Unstale.Log;
using Unstale.Predicates;
using Unstale.Tests.Horizon;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Predicates;

/// <summary>Predicates of entries against records of rows: held before or after the record, pending, and forgotten.</summary>
public sealed class PredicateHorizonTests
{
    private const string Third = DependencyTag.PredicatePrefix + "product[category_id=3]{name}";
    private const string Cheap = DependencyTag.PredicatePrefix + "product[price<=20]{*}";
    private const string Orders = DependencyTag.PredicatePrefix + "order[]{*}";

    private static readonly InvalidationTarget Moved = Row("product update old{id=1;category_id=3;price=50} new{category_id=4} changed{category_id}");
    private static readonly InvalidationTarget Other = Row("product update old{id=1;category_id=5;price=50} new{price=60} changed{price}");

    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void A_record_of_a_row_invalidates_and_counts_the_entries_whose_predicates_it_hits()
    {
        var (third, cheap, orders) = (_test.Keep("a", "t", Third), _test.Keep("b", Cheap), _test.Keep("c", Orders));
        var operation = _test.Invalidate(Moved);
        Assert.Equal((false, true, true), (_test.View.IsValid(third), _test.View.IsValid(cheap), _test.View.IsValid(orders)));
        Assert.Same(operation.Sweep, _test.Horizon.DequeueSweeps().CauseOf(third)!.Ticket);
        Assert.NotNull(operation.Sweep);
    }

    [Fact]
    public void A_record_that_hits_no_predicate_starts_no_sweep()
    {
        _test.Keep("a", Third);
        _test.Push(_test.Log(Other));
        Assert.False(_test.Horizon.Sweeps.IsUrgent);
    }

    [Fact]
    public void A_change_during_the_load_refuses_the_value_although_its_predicates_were_not_held()
    {
        var load = _test.Begin("a");
        _test.Push(_test.Log(Moved));
        Assert.False(_test.MayStore(load, "a", Third));
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Third));
    }

    [Fact]
    public void A_change_during_the_load_that_hits_nothing_leaves_the_value()
    {
        _test.MayStore(_test.Begin("a"), "a", Orders[..^1].Replace("order", "product", StringComparison.Ordinal) + "}"); // the table is followed from now on
        var load = _test.Begin("a");
        _test.Push(_test.Log(Other));
        Assert.True(_test.MayStore(load, "a", Third));
    }

    [Fact]
    public void More_changes_than_are_remembered_refuse_a_value_that_selects_no_value_of_a_column()
    {
        _test.Keep("z", Orders.Replace("order", "product", StringComparison.Ordinal));
        var load = _test.Begin("a");
        for (var i = 0; i < 256; i++)
            _test.Push(_test.Log(Other));
        Assert.True(_test.MayStore(load, "a", Cheap));
        _test.Push(_test.Log(Other));
        Assert.False(_test.MayStore(load, "a", Cheap), "the first change is forgotten");
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Cheap));
    }

    [Theory]
    [InlineData("product update old{category_id=5;price=50} new{price=60} changed{price}", true)]
    [InlineData("product update old{category_id=3;price=50} new{price=60} changed{price}", false)]
    [InlineData("product update old{category_id=3} new{category_id=5} changed{category_id}", false)]
    [InlineData("product update old{category_id=5} new{category_id=3} changed{category_id}", false)]
    [InlineData("product update old{category_id=null} new{category_id=5} changed{category_id}", true)]
    [InlineData("product update old{id=1} new{price=60} changed{price}", false)]
    [InlineData("product update old{category_id=~3.0;price=50} new{price=60} changed{price}", false)] // a real cannot be compared with an integer
    [InlineData("product insert new{category_id=3}", false)]
    [InlineData("product insert new{category_id=5}", true)]
    [InlineData("product delete old{category_id=3}", false)]
    [InlineData("product delete old{category_id=5}", true)]
    [InlineData("product bulk-update new{price=1} changed{price} where[category_id=5|6]", true)]
    [InlineData("product bulk-update new{price=1} changed{price} where[category_id=3|5]", false)]
    [InlineData("product bulk-update new{category_id=3} changed{category_id} where[category_id=5]", false)]
    [InlineData("product bulk-update new{price=1} changed{price} where[id=5]", false)]
    [InlineData("product bulk-delete where[category_id=5]", true)]
    [InlineData("product bulk-delete where[category_id>=5]", false)]
    [InlineData("product", false)]
    public void A_forgotten_change_refuses_values_with_its_value_of_the_column(string change, bool isValid)
    {
        var test = new HorizonUnderTest(new HorizonSettings { RecentChanges = 1 });
        test.Keep("z", Third); // the column has cells from now on
        var load = test.Begin("a");
        test.Push(test.Log(change == "product" ? InvalidationTarget.ForTag(change) : Row(change)));
        test.Push(test.Log(Other));
        Assert.Equal(isValid, test.MayStore(load, "a", DependencyTag.PredicatePrefix + "product[rating=1;category_id=3]{name}"));
        Assert.True(test.MayStore(test.Begin("a"), "a", Third));
    }

    [Fact]
    public void A_column_has_cells_from_the_first_predicate_on_it()
    {
        var test = new HorizonUnderTest(new HorizonSettings { RecentChanges = 1 });
        test.Keep("z", Cheap);
        var load = test.Begin("a");
        test.Push(test.Log(Other));
        test.Push(test.Log(Other));
        Assert.False(test.MayStore(load, "a", Third), "values of the forgotten change were not noted");
        load = test.Begin("a");
        test.Push(test.Log(Other));
        Assert.True(test.MayStore(load, "a", Third));
    }

    [Fact]
    public void The_sixteen_columns_with_cells_are_the_first_ones()
    {
        var test = new HorizonUnderTest(new HorizonSettings { RecentChanges = 1 });
        for (var i = 0; i < 17; i++)
            test.Keep($"z{i}", DependencyTag.PredicatePrefix + $"product[c{i:00}=1]{{name}}");
        var load = test.Begin("a");
        var change = Row($"product insert new{{{string.Join(';', Enumerable.Range(0, 17).Select(static i => $"c{i:00}=2"))}}}");
        test.Push(test.Log(change));
        test.Push(test.Log(change));
        Assert.True(test.MayStore(load, "a", DependencyTag.PredicatePrefix + "product[c15=1]{price}"));
        Assert.False(test.MayStore(load, "a", DependencyTag.PredicatePrefix + "product[c16=1]{price}"));
    }

    [Fact]
    public void A_predicate_is_pending_as_long_as_any_change_that_hits_it()
    {
        var held = _test.Keep("a", Third);
        var other = _test.Keep("b", Orders);
        var (first, second) = (_test.Raise(Moved, Moved), _test.Raise(Row("product any")));
        Assert.Equal((false, true), (_test.View.IsValid(held), _test.View.IsValid(other)));
        _test.Horizon.Tags.Release(held.Tags);
        Assert.False(_test.MayStore(_test.Begin("a"), "a", Third), "held anew, the cell is pending");
        Assert.False(_test.Begin("a", Third).MayAskRemote);
        _test.Acknowledge(first, _test.Log(first.Record));
        Assert.False(_test.MayStore(_test.Begin("a"), "a", Third), "one of two is still pending");
        _test.Acknowledge(second, _test.Log(second.Record));
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Third));
    }

    [Fact]
    public void A_change_that_was_pending_before_its_table_was_followed_is_found()
    {
        var operation = _test.Raise(InvalidationTarget.ForTag("product"));
        Assert.False(_test.MayStore(_test.Begin("a"), "a", Third));
        _test.Acknowledge(operation, _test.Log(operation.Record));
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Third));
        Assert.False(_test.Horizon.Tags.HoldCell(Third).IsPending);
    }

    [Fact]
    public void A_tag_with_the_name_of_the_table_invalidates_every_predicate_of_the_table()
    {
        var load = _test.Begin("a");
        var held = _test.Keep("a", Third);
        var other = _test.Keep("b", Orders);
        _test.Push(_test.LogTag("product"));
        Assert.Equal((false, true), (_test.View.IsValid(held), _test.View.IsValid(other)));
        Assert.False(_test.MayStore(load, "a", Cheap));
    }

    [Fact]
    public void A_tag_beside_a_change_of_its_table_leaves_predicates_to_the_change()
    {
        var held = _test.Keep("a", Third);
        var tagged = _test.Keep("b", "product");
        _test.Invalidate(InvalidationTarget.ForTag("product"), Other);
        Assert.Equal((true, false), (_test.View.IsValid(held), _test.View.IsValid(tagged)));
        _test.Invalidate(Moved, InvalidationTarget.ForTag("product"));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void Waiters_that_joined_after_the_first_change_that_hits_load_again()
    {
        var load = _test.Begin("a");
        _test.Push(_test.Log(Other));
        var joined = _test.Horizon.Tick;
        _test.Push(_test.Log(Moved));
        Assert.Equal(joined + 1, _test.Horizon.FirstMark(load, "a", [Third]));
        Assert.Equal(RecentInvalidations.None, _test.Horizon.FirstMark(load, "a", [Orders]));
        _test.Push(_test.LogTag("order"));
        Assert.Equal(joined + 2, _test.Horizon.FirstMark(load, "a", [Orders]));
    }

    [Fact]
    public void A_released_predicate_costs_nothing_and_an_entry_found_later_stays_invalid()
    {
        var held = _test.Keep("a", Third, Cheap);
        _test.Horizon.Tags.Release(held.Tags);
        Assert.Equal(0, _test.Horizon.Tags.Count);
        Assert.Equal(0, _test.Horizon.Tags.Bytes);
        _test.Push(_test.Log(Moved));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void Another_generation_forgets_the_changes_and_refuses_earlier_loads()
    {
        var load = _test.Begin("a");
        _test.Keep("a", Third);
        _test.Push(_test.Log(Moved));
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.False(_test.MayStore(load, "a", Third));
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Third), "the sequence of the other generation is no bound");
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Third.Replace("{name}", "{*}", StringComparison.Ordinal)), "nor for a predicate held anew");
        var held = _test.Keep("b", Third);
        _test.Push(_test.Log(Moved));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_name_that_is_no_predicate_depends_on_every_record()
    {
        var held = _test.Keep("a", DependencyTag.PredicatePrefix + "product[id=", "t");
        var alike = _test.Keep("b", DependencyTag.PredicatePrefix + "other", "t");
        Assert.Same(held.Tags, alike.Tags);
        _test.Push(_test.LogTag("x"));
        Assert.False(_test.View.IsValid(held));
        _test.Horizon.Tags.Release(held.Tags);
        _test.Horizon.Tags.Release(alike.Tags);
        Assert.Equal(0, _test.Horizon.Tags.Count);
    }

    [Fact]
    public void A_value_of_the_second_level_is_judged_by_the_changes_after_its_stamp()
    {
        _test.Keep("z", Orders.Replace("order", "product", StringComparison.Ordinal));
        _test.Push(_test.Log(Moved));
        _test.Push(_test.Log(Other));
        var load = _test.Begin("a");
        Assert.Null(_test.Take(load, "a", stamp: 0, confirmed: 0, [Third], Third));
        Assert.NotNull(_test.Take(load, "a", stamp: 1, confirmed: 1, [Third], Third));
    }

    [Fact]
    public void A_value_of_the_second_level_outlives_forgotten_changes_of_other_values()
    {
        var test = new HorizonUnderTest(new HorizonSettings { RecentChanges = 1 });
        test.Keep("z", Third);
        for (var i = 0; i < 10; i++)
            test.Push(test.Log(Other));
        Assert.NotNull(test.Take(test.Begin("a"), "a", stamp: 1, confirmed: 1, [Third], Third));
        test.Push(test.Log(Moved));
        test.Push(test.Log(Other));
        Assert.Null(test.Take(test.Begin("a"), "a", stamp: 1, confirmed: 1, [Third], Third));
    }

    private static InvalidationTarget Row(string text) => InvalidationTarget.ForRecordedRow(text);
}
