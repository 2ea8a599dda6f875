using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Marks of keys: values derived from an entry are invalidated with its key.</summary>
public sealed class KeyDependencyTagTests
{
    private static readonly InvalidationTarget Base = InvalidationTarget.ForKey("b");
    private static readonly string Mark = DependencyTag.ForKey("b");

    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void A_record_of_a_key_invalidates_and_counts_the_entries_with_its_dependency_tag()
    {
        var held = _test.Keep("a", "t", Mark);
        var other = _test.Keep("c", DependencyTag.ForKey("bb"), DependencyTag.ForKey("d"));
        var operation = _test.Invalidate(Base);
        Assert.False(_test.View.IsValid(held));
        Assert.True(_test.View.IsValid(other));
        Assert.Same(operation.Sweep, _test.Horizon.DequeueSweeps().CauseOf(held)!.Ticket);
        Assert.NotNull(operation.Sweep);
    }

    [Fact]
    public void A_record_of_a_key_without_derived_entries_starts_no_sweep()
    {
        _test.Keep("a", DependencyTag.ForKey("c"));
        _test.Invalidate(Base);
        _test.Push(_test.Log(Base));
        Assert.False(_test.Horizon.Sweeps.IsUrgent);
        Assert.Null(_test.Horizon.DequeueSweeps().CauseOf(new Held("a", _test.Horizon.Tags.Hold([Mark]), 0, 0, 0)));
    }

    [Fact]
    public void The_dependency_tag_of_a_key_is_pending_as_long_as_any_invalidation_of_the_key()
    {
        var held = _test.Keep("a", Mark);
        var first = _test.Raise(Base);
        Assert.False(_test.View.IsValid(held));
        _test.Horizon.Tags.Release(held.Tags);
        Assert.Equal(0, _test.Horizon.Tags.Count);

        var second = _test.Raise(Base);
        var load = _test.Begin("a");
        Assert.False(_test.MayStore(load, "a", Mark), "made while it is pending, the cell is pending");
        Assert.False(_test.Begin("a", Mark).MayAskRemote, "the second level is not asked");
        _test.Acknowledge(first, _test.Log(first.Record));
        Assert.False(_test.MayStore(_test.Begin("a"), "a", Mark), "one of two is on its way");
        var cell = _test.Horizon.Tags.HoldCell(Mark);
        Assert.True(cell.IsPending);
        _test.Acknowledge(second, _test.Log(second.Record));
        Assert.Equal((false, 2, 2), (cell.IsPending, cell.Sequence, cell.Effective));
        Assert.False(_test.MayStore(load, "a", Mark));
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Mark));
    }

    [Fact]
    public void An_invalidated_dependency_without_a_cell_still_refuses_an_earlier_load()
    {
        var load = _test.Begin("a");
        _test.Push(_test.Log(Base));
        Assert.False(_test.MayStore(load, "a", Mark));
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Mark));
        Assert.Equal(0, _test.Horizon.Tags.Count);
    }

    [Fact]
    public void A_pattern_invalidates_entries_derived_from_a_matching_key()
    {
        var glob = InvalidationTarget.ForPattern(new GlobPattern("b*"));
        var held = _test.Keep("a", "bear", Mark);
        var tagged = _test.Keep("c", "b");
        var load = _test.Begin("a");
        _test.Push(_test.Log(glob));
        Assert.False(_test.View.IsValid(held));
        Assert.True(_test.View.IsValid(tagged), "a tag is no key");
        Assert.False(_test.MayStore(load, "a", Mark));
        Assert.True(_test.MayStore(load, "a", "b"));
        Assert.Equal(1, _test.Horizon.FirstMark(load, "a", [Mark]));
        Assert.Equal(RecentInvalidations.None, _test.Horizon.FirstMark(load, "a", ["b"]));
        Assert.Equal(RemoteValidity.Invalid, _test.Judge(_test.Begin("a"), "a", 1, 1, listed: [glob], tags: Mark));
    }

    [Fact]
    public void The_first_invalidation_of_a_dependency_since_the_load_began_decides_about_late_callers()
    {
        var load = _test.Begin("a");
        _test.PushTag("other");
        _test.Push(_test.Log(Base));
        Assert.Equal(2, _test.Horizon.FirstMark(load, "a", ["t", Mark]));
        Assert.Equal(RecentInvalidations.None, _test.Horizon.FirstMark(load, "a", ["b"]));
    }

    [Fact]
    public void A_set_value_may_be_stored_although_its_record_invalidates_the_values_derived_from_its_key()
    {
        var held = _test.Keep("a", Mark);
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        var sequence = _test.Invalidate(Base).Position.Sequence;
        Assert.False(_test.View.IsValid(held));
        var set = _test.Horizon.Tags.Hold([DependencyTag.ForKey("c")]);
        Assert.True(_test.Horizon.MaySet("b", set, sequence, snapshot));
        _test.Invalidate(InvalidationTarget.ForKey("c"));
        Assert.False(_test.Horizon.MaySet("b", set, sequence, snapshot), "what it was made from was invalidated");
    }

    [Fact]
    public void A_new_generation_resets_the_cell_of_a_dependency_tag_to_its_position()
    {
        _test.Push(_test.Log(Base));
        var cell = _test.Horizon.Tags.HoldCell(Mark);
        Assert.Equal(1, cell.Sequence);
        _test.StartNewGeneration();
        _test.PushTag("other");
        _test.Horizon.DequeueEffects();
        _test.Adopt();
        Assert.Equal(_test.Horizon.Position.Sequence, cell.Sequence);
        Assert.True(_test.MayStore(_test.Begin("a"), "a", Mark));
    }

    [Fact]
    public void A_dependency_tag_above_a_remote_value_needs_confirmation_and_a_later_one_refuses_the_value()
    {
        _test.Push(_test.Log(Base));
        var load = _test.Begin("a");
        Assert.Equal(RemoteValidity.NeedsConfirmation, _test.Judge(load, "a", 0, 1, tags: Mark));
        Assert.Equal(RemoteValidity.Valid, _test.Judge(load, "a", 1, 1, tags: Mark));
        _test.Push(_test.Log(Base));
        Assert.Equal(RemoteValidity.Invalid, _test.Judge(load, "a", 1, 1, tags: Mark));
    }

    [Fact]
    public void Tag_sets_with_the_same_dependency_tag_share_its_cell_and_its_name()
    {
        var one = _test.Horizon.Tags.Hold([DependencyTag.ForKey("b"), "t"]);
        var two = _test.Horizon.Tags.Hold(["u", DependencyTag.ForKey("b")]);
        Assert.Same(one.Cells[0], two.Cells[1]);
        Assert.Same(one.Tags[0], two.Tags[1]);
        Assert.Equal(3, _test.Horizon.Tags.Count);
        _test.Horizon.Tags.Release(one);
        Assert.NotEqual(long.MaxValue, two.Cells[1].Effective);
        _test.Horizon.Tags.Release(two);
        Assert.Equal(0, _test.Horizon.Tags.Count);
        Assert.Equal(long.MaxValue, two.Cells[1].Effective);
    }
}
