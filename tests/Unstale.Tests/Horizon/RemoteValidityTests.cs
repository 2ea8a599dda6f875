using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Judgements of a node on the second level's answers.</summary>
public sealed class RemoteValidityTests
{
    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void The_adopted_cursor_alone_does_not_invalidate_a_remote_value()
    {
        _test.StartNewGeneration();
        _test.LogTag("t");
        _test.LogTag("u");
        _test.Adopt();
        Assert.Equal(RemoteValidity.Valid, Judge(stamp: 0));
        _test.PushTag("other");
        Assert.Equal(RemoteValidity.Valid, Judge(stamp: 0));
    }

    [Fact]
    public void A_record_above_the_stamp_of_a_remote_value_and_below_the_reply_requires_a_confirmation()
    {
        foreach (var target in Each())
        {
            _test.Push(_test.Log(target));
            var mark = _test.Horizon.Position.Sequence;
            Assert.Equal(RemoteValidity.NeedsConfirmation, Judge(stamp: mark - 1));
            Assert.Equal(RemoteValidity.Valid, Judge(stamp: mark));
        }
    }

    [Fact]
    public void A_record_applied_after_the_reply_refuses_the_remote_value()
    {
        foreach (var target in Each())
        {
            var (load, asked) = (_test.Begin("k", "t"), _test.Horizon.Position.Sequence);
            _test.Push(_test.Log(target));
            ConfirmNow();
            Assert.Equal(RemoteValidity.Invalid, _test.Judge(load, "k", stamp: asked, sequence: asked, tails: 0, tags: "t"));
        }
    }

    [Fact]
    public void The_later_of_a_tag_and_a_pattern_decides_about_the_remote_value()
    {
        var pattern = InvalidationTarget.ForPattern(new GlobPattern("k*"));
        foreach (var tagIsLater in new[] { true, false })
        {
            var test = new HorizonUnderTest();
            var set = test.Horizon.Tags.Hold(["t"]);
            test.Push(test.Log(tagIsLater ? pattern : InvalidationTarget.ForTag("t")));
            var load = test.Begin("k", "t");
            test.Push(test.Log(tagIsLater ? InvalidationTarget.ForTag("t") : pattern));
            Assert.Equal(RemoteValidity.Invalid, test.Judge(load, "k", stamp: 0, sequence: 1, tags: "t"));
            test.Horizon.Tags.Release(set);
        }
    }

    [Fact]
    public void A_pending_invalidation_or_a_listed_selector_refuses_the_remote_value()
    {
        Assert.Equal(RemoteValidity.Valid, Judge(stamp: 0));
        Assert.Equal(RemoteValidity.Invalid, Judge(stamp: 0, listed: InvalidationTarget.ForPattern(new GlobPattern("k"))));
        foreach (var target in Each())
        {
            var test = new HorizonUnderTest();
            var load = test.Begin("k", "t");
            test.Raise(target);
            Assert.Equal(RemoteValidity.Invalid, test.Judge(load, "k", stamp: 9, sequence: 9, tags: "t"));
        }
    }

    [Fact]
    public void A_suspected_value_is_valid_once_a_tail_begun_after_the_reply_is_confirmed()
    {
        _test.PushTag("t");
        var load = _test.Begin("k", "t");
        var before = AskTail();
        var tails = _test.Horizon.TailsBegun;
        Assert.Equal(RemoteValidity.NeedsConfirmation, Judge(load, tails));
        _test.Tail(before);
        Assert.Equal(RemoteValidity.NeedsConfirmation, Judge(load, tails));
        var after = AskTail();
        Assert.Equal(RemoteValidity.NeedsConfirmation, Judge(load, tails));
        _test.Tail(after);
        Assert.Equal(RemoteValidity.Valid, Judge(load, tails));
    }

    [Fact]
    public void A_tail_that_brings_one_page_of_several_confirms_nothing()
    {
        _test.PushTag("t");
        var load = _test.Begin("k", "t");
        var snapshot = AskTail();
        var first = _test.LogTag("u");
        var second = _test.LogTag("v");
        _test.Tail(snapshot, first);
        Assert.Equal(RemoteValidity.NeedsConfirmation, Judge(load, tails: 0));
        _test.Tail(AskTail(), second);
        Assert.Equal(RemoteValidity.Valid, Judge(load, tails: 0));
    }

    [Fact]
    public void A_tail_that_finds_another_history_refuses_the_value()
    {
        _test.PushTag("t");
        var load = _test.Begin("k", "t");
        var snapshot = AskTail();
        _test.Horizon.Tailed(new TailReply(TailState.Broken, _test.Generation, 0, 0, []), snapshot);
        Assert.Equal(RemoteValidity.Invalid, Judge(load, tails: 0));
        _test.StartNewGeneration();
        _test.LogTag("t");
        _test.Adopt();
        Assert.Equal(RemoteValidity.Invalid, Judge(load, tails: 0));
    }

    [Fact]
    public void A_tail_over_another_connection_does_not_confirm_an_answer()
    {
        _test.PushTag("t");
        var load = _test.Begin("k", "t");
        Assert.Equal(RemoteValidity.NeedsConfirmation, Judge(load, tails: 0));
        _test.Horizon.Disconnected();
        Assert.Equal(RemoteValidity.Invalid, Judge(load, tails: 0));
        _test.Horizon.Connected();
        ConfirmNow();
        Assert.Equal(RemoteValidity.Invalid, Judge(load, tails: 0));
    }

    [Fact]
    public void A_local_invalidation_during_a_request_to_the_log_refuses_the_remote_value()
    {
        _test.PushTag("t");
        var load = _test.Begin("k", "t");
        var snapshot = AskTail();
        var own = _test.Raise(InvalidationTarget.ForKey("k"));
        _test.Tail(snapshot);
        Assert.Equal(RemoteValidity.Invalid, Judge(load, tails: 0));
        Assert.True(_test.Acknowledge(own, _test.Log(own.Record)));
        Assert.Equal(RemoteValidity.Invalid, Judge(load, tails: 0));
    }

    [Fact]
    public void Own_records_above_the_cursor_are_compared_with_the_log_even_after_a_part_of_it_was_missed()
    {
        var missed = Enumerable.Range(0, 3).Select(_ => _test.LogTag("missed")).ToList();
        var snapshot = AskTail();
        var own = _test.Invalidate(InvalidationTarget.ForTag("t"));
        _test.Horizon.Tailed(new TailReply(TailState.Records, _test.Generation, 3, missed[^1].Record.Id, []), snapshot);
        Assert.Equal(3, _test.Horizon.Position.Sequence);
        var tail = _test.Horizon.NextTail();
        Assert.Equal((own.Position.Sequence, own.Record.Id), (tail.OwnSequence, tail.OwnId));
    }

    private static InvalidationTarget[] Each() =>
    [
        InvalidationTarget.ForKey("k"), InvalidationTarget.ForTag("t"), InvalidationTarget.ForPattern(new GlobPattern("k*")), InvalidationTarget.Everything,
    ];

    private RequestSnapshot AskTail()
    {
        _ = _test.Horizon.NextTail();
        return _test.Horizon.Snapshot(_test.Now);
    }

    [Fact]
    public void Any_invalidation_above_its_stamp_of_a_tag_it_lacks_refuses_a_remote_value()
    {
        _test.PushTag("named");
        var mark = _test.Horizon.Position.Sequence;
        _test.PushTag("other");
        Assert.Null(Named(stamp: mark - 1));
        Assert.Equal(mark + 1, Named(stamp: mark));
        ConfirmNow(); // and a confirmation by the log does not help: the server has not judged the value
        Assert.Null(Named(stamp: mark - 1));
    }

    [Fact]
    public void A_remote_value_below_the_adopted_cursor_is_undecided_for_a_tag_that_the_value_lacks()
    {
        _test.StartNewGeneration();
        _test.LogTag("other");
        _test.LogTag("other");
        _test.Adopt();
        Assert.Null(Named(stamp: 1));
        Assert.Equal(2, Named(stamp: 2));
    }

    [Fact]
    public void A_value_that_lacks_a_tag_is_stored_as_of_the_local_position_and_not_of_the_answer()
    {
        _test.PushTag("other");
        var known = _test.Horizon.Position.Sequence;
        Assert.Equal(known, _test.Judge(_test.Begin("k", "t"), "k", known - 1, known + 5, carried: ["t"], "t", "named"));
        Assert.Equal(known + 3, _test.Judge(_test.Begin("k", "t"), "k", known + 3, known + 5, carried: ["t"], "t", "named"));
        Assert.Equal(known + 5, _test.Judge(_test.Begin("k", "t"), "k", known - 1, known + 5, carried: ["named", "t"], "t", "named"));
    }

    [Fact]
    public void An_all_of_selector_over_tags_of_the_call_and_the_value_refuses_the_value()
    {
        _test.Push(_test.Log(InvalidationTarget.ForAllOf(["t", "named"])));
        Assert.Null(Named(stamp: 0));
        Assert.NotNull(Named(stamp: 1));
    }

    private long? Named(long stamp) =>
        _test.Judge(_test.Begin("k", "t"), "k", stamp, _test.Horizon.Position.Sequence, carried: ["t"], "t", "named");

    private void ConfirmNow() => _test.Tail(AskTail());

    private RemoteValidity Judge(LoadTicket load, long tails) => _test.Judge(load, "k", stamp: 0, sequence: 1, tails, tags: "t");

    private RemoteValidity Judge(long stamp, params InvalidationTarget[] listed) =>
        _test.Judge(_test.Begin("k", "t"), "k", stamp, _test.Horizon.Position.Sequence, listed: listed, tags: "t");
}
