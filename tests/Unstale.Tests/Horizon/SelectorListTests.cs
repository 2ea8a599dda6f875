using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class SelectorListTests
{
    private readonly HorizonView _view = new();
    private readonly SelectorList _list;
    private int _renumbered;

    public SelectorListTests() => _list = new SelectorList(new HorizonSettings { MaximumSelectors = 3, SelectorLifetime = 800 }, _view, () => _renumbered++);

    [Fact]
    public void Selectors_are_numbered_in_order_of_arrival_and_a_second_arrival_is_ignored()
    {
        _list.Apply(Glob("a*"), 5);
        _list.Apply(Glob("b*"), 4);
        _list.Apply(Glob("b*"), 4);
        Assert.Equal([("a*", 5L, 1), ("b*", 4L, 2)], Kept());
        Assert.Equal(2, _view.SelectorCount);
    }

    [Fact]
    public void An_earlier_selector_of_the_same_target_is_replaced_and_a_later_one_is_not()
    {
        _list.Apply(Glob("a*"), 5);
        _list.Apply(Glob("a*"), 7);
        Assert.Equal([("a*", 7L, 2)], Kept());
        _list.Apply(Glob("a*"), 6);
        Assert.Equal([("a*", 7L, 2), ("a*", 6L, 3)], Kept());
        Assert.Equal((0, 0), (_view.DroppedSelectorSequence, _view.DroppedSelectorNumber));
    }

    [Fact]
    public void A_pending_selector_replaces_none_of_the_same_target()
    {
        _list.Apply(Glob("a*"), 5);
        var pending = _list.AddPending(Glob("a*"));
        Assert.Equal([("a*", 5L, 1), ("a*", SelectorRecord.Pending, 2)], Kept());
        _list.EndPending([pending], sequence: null);
        Assert.Equal([("a*", 5L, 1)], Kept());
    }

    [Fact]
    public void A_selector_counts_as_pending_until_it_has_a_sequence()
    {
        var pending = _list.AddPending(Glob("a*"));
        Assert.True(_list.IsPending("a1", []));
        Assert.False(_list.IsPending("b1", []));
        _list.EndPending([pending], 9);
        Assert.False(_list.IsPending("a1", []));
        Assert.Equal([("a*", 9L, 1)], Kept());
    }

    [Fact]
    public void Above_the_limit_the_oldest_that_is_not_pending_is_dropped_and_its_sequence_and_number_stay()
    {
        _list.AddPending(Glob("p*"));
        _list.Apply(Glob("a*"), 5);
        _list.Apply(Glob("b*"), 6);
        _list.Apply(Glob("c*"), 7);
        Assert.Equal(["p*", "b*", "c*"], Kept().Select(kept => kept.Text));
        Assert.Equal((5, 2), (_view.DroppedSelectorSequence, _view.DroppedSelectorNumber));
    }

    [Fact]
    public void Pending_selectors_may_exceed_the_limit()
    {
        for (var i = 0; i < 5; i++)
            _list.AddPending(Glob($"p{i}*"));
        Assert.Equal(5, _view.Selectors.Length);
        Assert.Equal((0, 0), (_view.DroppedSelectorSequence, _view.DroppedSelectorNumber));
    }

    [Fact]
    public void A_selector_is_dropped_once_it_is_as_old_as_the_limit_of_age_and_no_earlier()
    {
        _list.Apply(Glob("a*"), 5);
        _list.DropOld(now: 1_000);
        _list.Apply(Glob("b*"), 6);
        _list.DropOld(now: 1_799);
        Assert.Equal(["a*", "b*"], Kept().Select(kept => kept.Text));
        _list.DropOld(now: 1_800);
        Assert.Equal(["b*"], Kept().Select(kept => kept.Text));
        Assert.Equal((5, 1), (_view.DroppedSelectorSequence, _view.DroppedSelectorNumber));
    }

    [Fact]
    public void A_pending_selector_has_no_limit_of_age()
    {
        _list.AddPending(Glob("a*"));
        _list.DropOld(now: 1_000);
        _list.DropOld(now: 9_000);
        Assert.Equal(["a*"], Kept().Select(kept => kept.Text));
    }

    [Fact]
    public void A_new_generation_keeps_pending_selectors_and_invalidates_all_entries_below_its_start()
    {
        _list.Apply(Glob("a*"), 50);
        _list.AddPending(Glob("b*"));
        _list.ResetTo(20);
        Assert.Equal([("b*", SelectorRecord.Pending, 2)], Kept());
        Assert.Equal(20, _view.DroppedSelectorSequence);
    }

    [Fact]
    public void After_the_last_selector_number_a_new_epoch_starts_and_kept_selectors_restart_at_two()
    {
        _view.SelectorCount = int.MaxValue - 1;
        _list.Apply(Glob("a*"), 5);
        Assert.Equal((0, 0), (_view.Epoch, _renumbered));
        _list.Apply(Glob("b*"), 6);
        Assert.Equal((1, 1), (_view.Epoch, _renumbered));
        Assert.Equal([("a*", 5L, 2), ("b*", 6L, 3)], Kept());
        Assert.Equal((3, 1), (_view.SelectorCount, _view.DroppedSelectorNumber));
    }

    private static InvalidationTarget Glob(string text) => InvalidationTarget.ForPattern(new GlobPattern(text));

    private IEnumerable<(string Text, long Sequence, int Number)> Kept() => _view.Selectors.Select(kept => (kept.Target.Text, kept.Effective, kept.Number));
}
