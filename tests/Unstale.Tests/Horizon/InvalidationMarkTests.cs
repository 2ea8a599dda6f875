using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class InvalidationMarkTests
{
    private readonly HorizonUnderTest _test = new();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern InvalidationTarget TargetOf(TargetKind kind, string text, object? detail);

    [Fact]
    public void A_record_with_an_unknown_target_kind_invalidates_everything()
    {
        var held = _test.Keep("k", "t");
        var load = _test.Begin("k");
        _test.Push(_test.Log(TargetOf((TargetKind)77, "who knows", null)));
        Assert.False(_test.View.IsValid(held));
        Assert.False(_test.MayStore(load, "k"));
        Assert.Equal(1, _test.View.Floor);
    }

    [Fact]
    public void A_pending_invalidation_with_an_unknown_target_kind_invalidates_everything()
    {
        var held = _test.Keep("k", "t");
        _test.Raise(TargetOf((TargetKind)77, "who knows", null));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void An_invalidated_tag_without_a_cell_still_refuses_an_earlier_load()
    {
        var load = _test.Begin("k");
        _test.PushTag("late");
        Assert.False(_test.MayStore(load, "k", "late"));
        Assert.True(_test.MayStore(_test.Begin("k"), "k", "late"));
        Assert.Equal(0, _test.Horizon.Tags.Count);
    }

    [Fact]
    public void An_entry_is_compared_with_a_pattern_once()
    {
        var held = _test.Keep("k");
        var seen = held.SelectorsSeen;
        PushGlob("other*");
        Assert.Equal(seen + 1, _test.View.SelectorCount);
        Assert.Equal(seen, held.SelectorsSeen);
        Assert.True(_test.View.IsValid(held));
        Assert.Equal(seen + 1, held.SelectorsSeen);
        PushGlob("k*");
        Assert.False(_test.View.IsValid(held));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void An_all_of_record_invalidates_only_entries_with_all_of_its_tags()
    {
        var both = _test.Keep("a", "t", "u", "v");
        var one = _test.Keep("b", "t");
        _test.Push(_test.Log(InvalidationTarget.ForAllOf(["u", "t"])));
        Assert.False(_test.View.IsValid(both));
        Assert.True(_test.View.IsValid(one));
    }

    [Fact]
    public void At_most_1024_selector_records_are_kept_and_entries_older_than_a_dropped_one_are_invalid()
    {
        var held = _test.Keep("k");
        var watched = _test.Keep("watched");
        var load = _test.Begin("filled");
        for (var i = 0; i < 1024; i++)
            PushGlob($"no{i}");
        Assert.Equal(1024, _test.View.Selectors.Length);
        Assert.True(_test.MayStore(load, "filled"));
        Assert.True(_test.View.IsValid(watched));
        PushGlob("one more");
        Assert.Equal(1024, _test.View.Selectors.Length);
        Assert.Equal(1, _test.View.DroppedSelectorSequence);
        Assert.False(_test.View.IsValid(held));
        Assert.True(_test.View.IsValid(watched));
        Assert.False(_test.MayStore(load, "filled"));
        Assert.True(_test.MayStore(_test.Begin("filled"), "filled"));
    }

    [Fact]
    public void A_pending_selector_record_is_not_dropped_for_want_of_room()
    {
        var test = new HorizonUnderTest(new HorizonSettings { MaximumSelectors = 2 });
        var held = test.Keep("k");
        var pending = test.Raise(InvalidationTarget.ForPattern(new GlobPattern("k*")));
        for (var i = 0; i < 5; i++)
        {
            test.Push(test.Log(InvalidationTarget.ForPattern(new GlobPattern($"no{i}"))));
            Assert.False(test.View.IsValid(held));
            Assert.False(test.MayStore(test.Begin("k"), "k"));
        }

        Assert.Contains(test.View.Selectors, b => b.IsPending);
        Assert.True(test.Acknowledge(pending, test.Log(pending.Record)));
        Assert.False(test.View.IsValid(held));
        Assert.True(test.MayStore(test.Begin("k"), "k"));
    }

    [Fact]
    public void A_key_that_is_invalidated_is_dropped_by_every_cache_of_the_log()
    {
        var operation = _test.Invalidate(InvalidationTarget.ForKey("k"));
        Assert.Equal(["k", "k"], _test.Dropped);
        Assert.Equal(2, operation.Removed);
        _test.Push(_test.Log(InvalidationTarget.ForKey("foreign")));
        Assert.Equal("foreign", _test.Dropped[^1]);
        Assert.Equal(2, operation.Removed);
    }

    [Fact]
    public void A_set_stores_the_value_unless_its_key_or_tags_were_invalidated_since_the_call()
    {
        Assert.True(MaySetAfter(between: null));
        Assert.True(MaySetAfter(InvalidationTarget.ForKey("other")));
        Assert.False(MaySetAfter(InvalidationTarget.ForTag("t")));
        Assert.False(MaySetAfter(InvalidationTarget.ForPattern(new GlobPattern("k"))));
        Assert.False(MaySetAfter(InvalidationTarget.Everything));
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        var own = _test.Invalidate(InvalidationTarget.ForKey("k"));
        _test.Push(_test.Log(InvalidationTarget.ForKey("k")));
        Assert.False(_test.Horizon.MaySet("k", TagSet.Empty, own.Position.Sequence, snapshot));
    }

    private bool MaySetAfter(InvalidationTarget? between)
    {
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        if (between is { } target)
            _test.Push(_test.Log(target));
        var own = _test.Invalidate(InvalidationTarget.ForKey("k"));
        var tags = _test.Horizon.Tags.Hold(["t"]);
        return _test.Horizon.MaySet("k", tags, own.Position.Sequence, snapshot);
    }

    private void PushGlob(string pattern) => _test.Push(_test.Log(InvalidationTarget.ForPattern(new GlobPattern(pattern))));

    [Fact]
    public void A_pattern_that_is_invalidated_again_is_kept_once()
    {
        var test = new HorizonUnderTest();
        var before = test.Keep("user:1");
        for (var i = 0; i < 10; i++)
            test.Push(test.Log(InvalidationTarget.ForPattern(new GlobPattern("user:*"))));
        Assert.Single(test.View.Selectors);
        Assert.False(test.View.IsValid(before));
        Assert.True(test.View.IsValid(test.Keep("user:2")));
    }

    [Fact]
    public void A_pending_pattern_does_not_replace_an_applied_pattern_of_the_same_text()
    {
        var test = new HorizonUnderTest();
        var before = test.Keep("user:1");
        var glob = InvalidationTarget.ForPattern(new GlobPattern("user:*"));
        test.Push(test.Log(glob));
        test.Raise(glob);
        Assert.Equal(2, test.View.Selectors.Length);
        Assert.False(test.View.IsValid(before));
    }

    [Fact]
    public void An_old_pattern_is_dropped_and_brings_no_value_back()
    {
        var test = new HorizonUnderTest(new HorizonSettings { SelectorLifetime = 800 });
        var taken = test.Keep("user:1");
        var met = test.Keep("other");
        var unmet = test.Keep("third");
        var load = test.Horizon.BeginLoad("late", TagSet.Empty, test.Now, mayAskRemote: true);
        test.Push(test.Log(InvalidationTarget.ForPattern(new GlobPattern("user:*"))));
        Assert.False(test.View.IsValid(taken));
        Assert.True(test.View.IsValid(met));
        test.Horizon.DropOldSelectors(test.Now);
        test.Horizon.DropOldSelectors(test.Now + 799);
        Assert.Single(test.View.Selectors);
        test.Horizon.DropOldSelectors(test.Now + 800);
        Assert.Empty(test.View.Selectors);
        Assert.False(test.View.IsValid(taken));
        Assert.True(test.View.IsValid(met));
        Assert.False(test.View.IsValid(unmet));
        Assert.False(test.Horizon.MayStore("late", TagSet.Empty, load.Stamp, load.Epoch));
        Assert.True(test.View.IsValid(test.Keep("user:2")));
    }

    [Fact]
    public void An_old_pattern_that_is_still_on_its_way_stays()
    {
        var test = new HorizonUnderTest(new HorizonSettings { SelectorLifetime = 800 });
        test.Raise(InvalidationTarget.ForPattern(new GlobPattern("user:*")));
        test.Horizon.DropOldSelectors(test.Now);
        test.Horizon.DropOldSelectors(test.Now + 10_000);
        Assert.Single(test.View.Selectors);
    }

    [Fact]
    public void A_pattern_is_dropped_after_its_life_however_often_the_sweep_passes_before()
    {
        var test = new HorizonUnderTest(new HorizonSettings { SelectorLifetime = 800 });
        var start = test.Now;
        test.Horizon.DropOldSelectors(start);
        test.Push(test.Log(InvalidationTarget.ForPattern(new GlobPattern("user:*"))));
        for (var time = 10; time < 900; time += 10)
            test.Horizon.DropOldSelectors(start + time);
        Assert.Single(test.View.Selectors);
        test.Horizon.DropOldSelectors(start + 900);
        Assert.Empty(test.View.Selectors);
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void An_acknowledged_pattern_invalidates_no_other_entry_and_does_not_end_a_later_everything(string kind)
    {
        var test = new HorizonUnderTest();
        var other = test.Keep("other", "o");
        var pattern = test.Raise(PatternOf(kind));
        Assert.True(test.Acknowledge(pattern, test.Log(pattern.Record)));
        Assert.True(test.View.IsValid(other));
        var everything = test.Raise(InvalidationTarget.Everything);
        Assert.False(test.View.IsValid(other));
        Assert.False(test.Begin("other", "o").MayAskRemote);
        Assert.True(test.Acknowledge(everything, test.Log(everything.Record)));
    }

    public static TheoryData<string> Patterns => ["glob", "regex", "all of its tags"];

    private static InvalidationTarget PatternOf(string kind) => kind switch
    {
        "glob" => InvalidationTarget.ForPattern(new GlobPattern("user:*")),
        "regex" => InvalidationTarget.ForPattern(new RegexPattern("^user:")),
        _ => InvalidationTarget.ForAllOf(["t", "u"]),
    };
}
