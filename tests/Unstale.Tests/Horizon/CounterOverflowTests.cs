using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Overflow of numbers that count for the life of a process.</summary>
public sealed class CounterOverflowTests
{
    private readonly HorizonUnderTest _test = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Patterns_before_and_after_a_counter_overflow_invalidate_matching_entries(int left)
    {
        CountedTo(int.MaxValue - left);
        for (var i = 0; i < 4; i++)
        {
            var held = _test.Keep("k");
            Push("other*");
            var later = _test.Keep("k");
            Push("k*");
            Assert.False(_test.View.IsValid(held), $"pattern {i}");
            Assert.False(_test.View.IsValid(later), $"pattern {i}");
        }

        Assert.InRange(_test.View.SelectorCount, 1, 100);
    }

    [Fact]
    public void Entries_from_before_a_counter_overflow_are_invalid_and_later_entries_are_valid()
    {
        CountedTo(int.MaxValue);
        var held = _test.Keep("k");
        var load = _test.Begin("filled");
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        Push("other*");
        Assert.False(_test.View.IsValid(held));
        Assert.False(_test.MayStore(load, "filled"));
        Assert.False(_test.Horizon.MaySet("set", TagSet.Empty, _test.Horizon.Position.Sequence, snapshot));
        Assert.True(_test.IsTrusted);
        var later = _test.Keep("k");
        Assert.True(_test.View.IsValid(later));
        Push("another*");
        Assert.True(_test.View.IsValid(later));
        Push("k*");
        Assert.False(_test.View.IsValid(later));
    }

    [Fact]
    public void Patterns_kept_over_a_counter_overflow_still_refuse_older_values()
    {
        CountedTo(int.MaxValue - 1);
        Push("k*");
        var kept = _test.Horizon.Position.Sequence;
        Push("other*");
        Assert.False(_test.Horizon.MayStore("k", TagSet.Empty, kept - 1, _test.View.Epoch));
        Assert.True(_test.Horizon.MayStore("k", TagSet.Empty, kept, _test.View.Epoch));
        Assert.Equal(RemoteValidity.Invalid, _test.Judge(_test.Begin("k"), "k", kept - 1, kept));
        Assert.Equal([2, 3], _test.View.Selectors.Select(selector => selector.Number));
    }

    [Fact]
    public void Dropped_patterns_at_a_counter_overflow_invalidate_older_entries()
    {
        var test = new HorizonUnderTest(new HorizonSettings { MaximumSelectors = 1 });
        test.View.SelectorCount = int.MaxValue - 2;
        foreach (var pattern in new[] { "k*", "one*", "two*" })
            test.Push(test.Log(InvalidationTarget.ForPattern(new GlobPattern(pattern))));
        Assert.False(test.Horizon.MayStore("k", TagSet.Empty, 0, test.View.Epoch));
        Assert.False(test.View.IsValid(new Held("k", TagSet.Empty, 0, test.View.Epoch, selectorSeen: 0)));
        Assert.True(test.View.IsValid(test.Keep("k")));
    }

    [Fact]
    public void A_pattern_that_is_pending_during_a_counter_overflow_stays_in_effect()
    {
        CountedTo(int.MaxValue - 1);
        var pending = _test.Raise(InvalidationTarget.ForPattern(new GlobPattern("k*")));
        Push("other*");
        Assert.False(_test.Horizon.MayStore("k", TagSet.Empty, _test.Horizon.Position.Sequence, _test.View.Epoch));
        var last = _test.Horizon.Position.Sequence;
        Assert.True(_test.Acknowledge(pending, _test.Log(pending.Record)));
        Assert.False(_test.Horizon.MayStore("k", TagSet.Empty, last, _test.View.Epoch));
        Assert.True(_test.View.IsValid(_test.Keep("k")));
    }

    [Fact]
    public void A_pattern_invalidated_at_a_counter_overflow_takes_effect_at_once()
    {
        CountedTo(int.MaxValue);
        var held = _test.Keep("k");
        _ = _test.Raise(InvalidationTarget.ForPattern(new GlobPattern("k*")));
        Assert.False(_test.View.IsValid(held));
        Assert.False(_test.MayStore(_test.Begin("k"), "k"));
    }

    [Fact]
    public void An_overflow_of_the_epoch_invalidates_older_entries()
    {
        _test.View.Epoch = int.MaxValue;
        var held = _test.Keep("k", "t");
        var load = _test.Begin("filled");
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.Equal(int.MinValue, _test.View.Epoch);
        Assert.False(_test.View.IsValid(held));
        Assert.False(_test.MayStore(load, "filled"));
        Assert.True(_test.IsTrusted);
        Assert.True(_test.View.IsValid(_test.Keep("k", "t")));
    }

    [Fact]
    public void The_newest_record_is_explained_first_after_an_overflow_of_the_epoch()
    {
        var test = new HorizonUnderTest(new HorizonSettings { RecentRecords = 16 });
        test.View.Epoch = int.MaxValue;
        test.PushTag("old");
        test.StartNewGeneration();
        test.Adopt();
        test.PushTag("new");
        var newest = new Unstale.Diagnostics.KeyHistory(test.Horizon.History(), "k", ["old", "new"]).Newest(10);
        Assert.Equal([false, true, false], newest.Select(one => one.IsForgotten));
        Assert.Equal(test.Generation, newest[0].Position!.Value.Generation);
    }

    [Fact]
    public void Queued_invalidations_are_counted_beyond_the_range_of_a_32_bit_integer()
    {
        var operations = Enumerable.Range(0, 3).Select(_ => new Operation(_test.Record(InvalidationTarget.Everything), 0) { Unsent = int.MaxValue }).ToList();
        Assert.Equal(3L * int.MaxValue, Operation.Covering(_test.Record(InvalidationTarget.Everything), 0, operations).ResetUnsent());
    }

    private void CountedTo(int number) => _test.View.SelectorCount = number;

    private void Push(string pattern) => _test.Push(_test.Log(InvalidationTarget.ForPattern(new GlobPattern(pattern))));
}
