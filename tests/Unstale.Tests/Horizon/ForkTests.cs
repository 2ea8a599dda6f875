using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class ForkTests
{
    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void A_different_id_under_an_applied_sequence_is_a_fork()
    {
        var record = _test.PushTag("t");
        _test.Push(record with { Record = _test.Record(InvalidationTarget.ForTag("t")) });
        AssertForked();
    }

    [Fact]
    public void A_pushed_record_with_a_different_previous_id_is_a_fork()
    {
        _test.PushTag("t");
        _test.Push(_test.LogTag("u") with { PreviousId = 999 });
        AssertForked();
        Assert.Equal(1, _test.Horizon.Position.Sequence);
    }

    [Fact]
    public void A_tail_with_a_different_previous_id_is_a_fork()
    {
        _test.PushTag("t");
        _test.Tail(_test.LogTag("u") with { PreviousId = 999 });
        AssertForked();
    }

    [Fact]
    public void A_foreign_record_under_the_sequence_of_an_acknowledged_own_record_is_a_fork()
    {
        var first = _test.LogTag("first");
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        var logged = _test.Log(own.Record);
        Assert.True(_test.Acknowledge(own, logged));
        _test.Tail(first, logged with { Record = _test.Record(InvalidationTarget.ForTag("foreign")) });
        AssertForked();
    }

    [Fact]
    public void An_append_reply_at_or_below_the_sequence_seen_at_its_request_is_a_fork()
    {
        _test.PushTag("t");
        _test.PushTag("u");
        var held = _test.Keep("k", "own");
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        Assert.False(_test.Acknowledge(own, new LoggedRecord(2, 1, own.Record)));
        AssertForked();
        Assert.False(own.IsApplied);
        Assert.Equal(1, _test.Horizon.Queued);
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void An_answer_of_the_second_level_below_the_sequence_seen_at_its_request_is_a_fork()
    {
        _test.PushTag("t");
        var load = _test.Begin("k");
        Assert.Equal(RemoteValidity.Invalid, _test.Judge(load, "k", stamp: 0, sequence: 0));
        AssertForked();
    }

    [Fact]
    public void Records_received_after_a_request_do_not_make_its_answer_a_fork()
    {
        var load = _test.Begin("k");
        _test.PushTag("t");
        Assert.Equal(RemoteValidity.Valid, _test.Judge(load, "k", stamp: 0, sequence: 0));
    }

    [Fact]
    public void A_broken_log_causes_a_request_for_a_new_generation()
    {
        _test.Horizon.Tailed(new TailReply(TailState.Broken, _test.Generation, 0, 0, []), _test.Horizon.Snapshot(_test.Now));
        AssertForked();
    }

    [Fact]
    public void The_forked_generation_is_never_adopted_again()
    {
        var forked = _test.PushTag("t");
        _test.Push(forked with { Record = _test.Record(InvalidationTarget.ForTag("t")) });
        AssertForked();
        _test.Adopt();
        AssertForked();
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.True(_test.IsTrusted);
        Assert.Equal(_test.Generation, _test.Horizon.Position.Generation);
    }

    private void AssertForked()
    {
        Assert.Equal(_test.Generation, _test.Effects().CreateInstead);
        Assert.Equal(Generation.None, _test.Horizon.Position.Generation);
        Assert.False(_test.IsTrusted);
    }
}
