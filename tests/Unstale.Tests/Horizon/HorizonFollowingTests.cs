using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class HorizonFollowingTests
{
    [Fact]
    public void Before_its_first_tail_reply_a_node_is_not_trusted_and_ignores_pushes()
    {
        var test = new HorizonUnderTest(adopted: false);
        test.PushTag("t");
        Assert.Equal(0, test.Horizon.Position.Sequence);
        Assert.Equal(Generation.None, test.Horizon.Position.Generation);
        Assert.False(test.IsTrusted);
        Assert.False(test.Begin("k").Trusted);
        Assert.False(test.Horizon.MayStore("k", TagSet.Empty, 5, test.View.Epoch));
    }

    [Fact]
    public void An_adopted_generation_is_followed_from_its_end_and_invalidates_all_earlier_entries()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        var load = test.Begin("other");
        test.StartNewGeneration();
        test.LogTag("a");
        test.LogTag("b");
        test.Adopt();
        Assert.Equal(new LogPosition(0, test.Generation, 2), test.Horizon.Position);
        Assert.True(test.IsTrusted);
        Assert.False(test.View.IsValid(held));
        Assert.False(test.MayStore(load, "other"));
        Assert.Equal(2, test.View.Floor);
        Assert.False(test.Horizon.MayStore("other", TagSet.Empty, 1, test.View.Epoch));
        Assert.True(test.Horizon.MayStore("other", TagSet.Empty, 2, test.View.Epoch));
        Assert.True(test.View.IsValid(test.Keep("k", "t")));
        Assert.True(test.Effects() is { Forgotten: true, IsBroken: true });
    }

    [Fact]
    public void Pushes_in_order_advance_the_cursor_and_invalidate_their_entries()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        test.PushTag("other");
        Assert.True(test.View.IsValid(held));
        test.PushTag("t");
        Assert.False(test.View.IsValid(held));
        Assert.Equal(2, test.Horizon.Position.Sequence);
    }

    [Fact]
    public void A_push_that_comes_twice_changes_nothing()
    {
        var test = new HorizonUnderTest();
        var record = test.PushTag("t");
        test.PushTag("u");
        var held = test.Keep("k", "t");
        test.Push(record);
        Assert.True(test.View.IsValid(held));
        Assert.Equal(2, test.Horizon.Position.Sequence);
        Assert.Null(test.Effects().CreateInstead);
    }

    [Fact]
    public void A_gap_before_a_push_requests_a_tail_and_is_not_skipped()
    {
        var test = new HorizonUnderTest();
        var missed = test.LogTag("t");
        var seen = test.LogTag("u");
        test.Push(seen);
        Assert.Equal(0, test.Horizon.Position.Sequence);
        Assert.True(test.Effects().Tail);
        test.Tail(missed, seen);
        Assert.Equal(2, test.Horizon.Position.Sequence);
    }

    [Fact]
    public void Records_trimmed_from_the_log_reset_the_node_without_breaking_the_history()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        test.LogTag("t");
        var kept = test.LogTag("u");
        test.Effects();
        test.Tail(kept);
        Assert.False(test.View.IsValid(held));
        Assert.Equal(new LogPosition(0, test.Generation, 2), test.Horizon.Position);
        Assert.True(test.Effects() is { Forgotten: true, IsBroken: false, CreateInstead: null });
        Assert.True(test.View.IsValid(test.Keep("k", "t")));
    }

    [Fact]
    public void A_push_of_another_generation_requests_a_tail_and_its_answer_decides()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k");
        test.Effects();
        test.Horizon.Pushed(Generation.Create(), new LoggedRecord(1, 0, test.Record(InvalidationTarget.Everything)));
        Assert.True(test.View.IsValid(held) && test.IsTrusted);
        Assert.True(test.Effects() is { Tail: true, Forgotten: false, CreateInstead: null });
        test.Tail();
        Assert.True(test.View.IsValid(held) && test.IsTrusted);
        test.StartNewGeneration();
        test.PushTag("t");
        test.Adopt();
        Assert.False(test.View.IsValid(held));
        Assert.True(test.Effects() is { Forgotten: true, IsBroken: true, CreateInstead: null });
        Assert.True(test.IsTrusted);
    }

    [Fact]
    public void Tail_pages_confirm_only_with_the_last()
    {
        var test = new HorizonUnderTest();
        var records = Enumerable.Range(0, 5).Select(i => test.LogTag($"t{i}")).ToArray();
        test.Effects();
        test.Now += 10_000;
        Assert.False(test.IsTrusted);
        test.Tail(records[..3]);
        Assert.Equal(3, test.Horizon.Position.Sequence);
        Assert.False(test.IsTrusted);
        Assert.True(test.Effects().Tail);
        test.Tail(records[3..]);
        Assert.Equal(5, test.Horizon.Position.Sequence);
        Assert.True(test.IsTrusted);
        Assert.False(test.Effects().Tail);
    }

    [Fact]
    public void A_page_that_begins_with_the_record_at_the_cursor_is_applied_from_the_next_record()
    {
        var test = new HorizonUnderTest();
        var snapshot = test.Horizon.Snapshot(test.Now);
        var at = test.PushTag("at");
        var held = test.Keep("k");
        test.Effects();
        test.Tail(snapshot, at, test.LogTag("next"));
        Assert.Equal(2, test.Horizon.Position.Sequence);
        Assert.True(test.View.IsValid(held));
        Assert.False(test.Effects().Forgotten);
    }

    [Fact]
    public void A_page_overtaken_by_pushes_invalidates_no_entry_and_requests_another_tail()
    {
        var test = new HorizonUnderTest();
        var records = Enumerable.Range(0, 4).Select(i => test.LogTag($"t{i}")).ToArray();
        var snapshot = test.Horizon.Snapshot(test.Now);
        test.Push(records[0]);
        test.Push(records[1]);
        test.Push(records[2]);
        var held = test.Keep("k");
        test.Tail(snapshot, records[..2]);
        Assert.True(test.View.IsValid(held));
        Assert.Equal(3, test.Horizon.Position.Sequence);
        Assert.True(test.Effects().Tail);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Records_trimmed_from_the_log_invalidate_all_entries_and_keep_the_tags_and_selectors(bool nothingKept)
    {
        var test = new HorizonUnderTest();
        var everMarked = test.Keep("k", "t");
        test.PushTag("t");
        test.Push(test.Log(InvalidationTarget.ForPattern(new GlobPattern("p*"))));
        var held = test.Keep("k2", "u");
        var load = test.Begin("k3");
        var (epoch, cell) = (test.View.Epoch, everMarked.Tags.Cells[0]);
        test.LogTag("lost");
        var last = test.LogTag("kept");
        test.Tail(nothingKept ? [] : [last]);
        Assert.Equal(epoch + 1, test.View.Epoch);
        Assert.Equal(4, test.Horizon.Position.Sequence);
        Assert.Equal(4, test.View.Floor);
        Assert.Equal(1, cell.Effective);
        Assert.Single(test.View.Selectors);
        Assert.False(test.View.IsValid(held));
        Assert.False(test.MayStore(load, "k3"));
        Assert.True(test.IsTrusted);
        Assert.True(test.View.IsValid(test.Keep("k2", "u")));
    }

    [Fact]
    public void An_answer_requested_before_a_reset_of_the_node_is_ignored()
    {
        var test = new HorizonUnderTest();
        var snapshot = test.Horizon.Snapshot(test.Now);
        test.Horizon.Tailed(new TailReply(TailState.Broken, test.Generation, 0, 0, []), test.Horizon.Snapshot(test.Now));
        test.StartNewGeneration();
        test.Horizon.Tailed(new TailReply(TailState.OtherGeneration, test.Generation, 1, 1, []), snapshot);
        Assert.False(test.IsTrusted);
        Assert.Equal(Generation.None, test.Horizon.Position.Generation);
    }

    [Fact]
    public void Trust_lasts_for_the_bound_from_the_request_less_the_resolution_of_the_clock()
    {
        var test = new HorizonUnderTest(new HorizonSettings { StalenessBound = 5_000 });
        var snapshot = test.Horizon.Snapshot(test.Now);
        test.Now += 3_000;
        test.Tail(snapshot);
        Assert.Equal(snapshot.Time + 5_000 - MonotonicClock.Resolution, test.View.TrustedUntil);
    }

    [Fact]
    public void A_late_confirmation_does_not_shorten_trust()
    {
        var test = new HorizonUnderTest();
        var early = test.Horizon.Snapshot(test.Now);
        test.Now += 1_000;
        test.Tail();
        var until = test.View.TrustedUntil;
        test.Tail(early);
        Assert.Equal(until, test.View.TrustedUntil);
    }

    [Fact]
    public void A_local_log_is_trusted_for_ever()
    {
        var test = new HorizonUnderTest(new HorizonSettings { IsLocal = true });
        test.Now += 1_000_000_000;
        Assert.True(test.IsTrusted);
    }
}
