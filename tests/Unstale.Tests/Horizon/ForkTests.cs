using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class ForkTests
{
    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void Another_id_under_an_applied_sequence_is_a_fork()
    {
        var record = _test.PushTag("t");
        _test.Push(record with { Record = _test.Record(InvalidationTarget.ForTag("t")) });
        AssertForked();
    }

    [Fact]
    public void Another_previous_id_is_a_fork()
    {
        _test.PushTag("t");
        _test.Push(_test.LogTag("u") with { PreviousId = 999 });
        AssertForked();
        Assert.Equal(1, _test.Horizon.Position.Sequence);
    }

    [Fact]
    public void Another_previous_id_in_a_tail_is_a_fork()
    {
        _test.PushTag("t");
        _test.Tail(_test.LogTag("u") with { PreviousId = 999 });
        AssertForked();
    }

    [Fact]
    public void Another_record_in_the_place_of_an_own_acknowledged_one_is_a_fork()
    {
        var first = _test.LogTag("first");
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        var logged = _test.Log(own.Record);
        Assert.True(_test.Acknowledge(own, logged));
        _test.Tail(first, logged with { Record = _test.Record(InvalidationTarget.ForTag("foreign")) });
        AssertForked();
    }

    [Fact]
    public void An_append_answered_at_or_below_what_was_known_when_it_was_sent_is_a_fork()
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
    public void A_second_level_that_answers_below_what_was_known_when_it_was_asked_is_a_fork()
    {
        _test.PushTag("t");
        var load = _test.Begin("k");
        Assert.Equal(RemoteValidity.Refused, _test.Judge(load, "k", stamp: 0, sequence: 0));
        AssertForked();
    }

    [Fact]
    public void What_was_learned_after_asking_does_not_make_an_answer_a_fork()
    {
        var load = _test.Begin("k");
        _test.PushTag("t");
        Assert.Equal(RemoteValidity.True, _test.Judge(load, "k", stamp: 0, sequence: 0));
    }

    [Fact]
    public void A_broken_log_is_asked_for_a_new_generation()
    {
        _test.Horizon.Tailed(new TailReply(TailState.Broken, _test.Generation, 0, 0, []), _test.Horizon.Ask(_test.Now));
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
