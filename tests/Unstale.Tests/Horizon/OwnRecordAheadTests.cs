using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Own records whose acknowledgements do not follow the cursor.</summary>
public sealed class OwnRecordAheadTests
{
    private readonly HorizonUnderTest _test = new();

    [Theory]
    [InlineData(1, 77)] // the next sequence after another record
    [InlineData(2, 0)] // a later sequence after the record at the cursor
    public void An_answer_moves_the_cursor_only_if_it_is_the_next_and_follows_the_same_record(long sequence, long previousId)
    {
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        Assert.True(_test.Acknowledge(own, new LoggedRecord(sequence, previousId, own.Record)));
        Assert.Equal(0, _test.Horizon.Position.Sequence);
    }

    [Fact]
    public void A_foreign_record_right_after_the_cursor_under_an_acknowledged_own_sequence_is_a_fork()
    {
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        Assert.True(_test.Acknowledge(own, new LoggedRecord(1, 77, own.Record)));
        _test.Push(new LoggedRecord(1, 0, _test.Record(InvalidationTarget.ForTag("another"))));
        AssertForked();
    }

    [Fact]
    public void Two_own_records_acknowledged_under_one_sequence_are_a_fork()
    {
        var (one, two) = (_test.Raise(InvalidationTarget.ForTag("one")), _test.Raise(InvalidationTarget.ForTag("two")));
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        Assert.True(_test.Acknowledge(one, new LoggedRecord(5, 77, one.Record), snapshot));
        Assert.False(_test.Acknowledge(two, new LoggedRecord(5, 77, two.Record), snapshot));
        AssertForked();
        Assert.False(two.IsApplied);
    }

    [Fact]
    public void An_append_reply_below_the_highest_seen_sequence_is_a_fork_even_without_a_stored_record()
    {
        for (var i = 0; i < 6; i++)
            _ = _test.LogTag("t");
        _test.Tail();
        Assert.Equal(6, _test.Horizon.Position.Sequence);
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        Assert.False(_test.Acknowledge(own, new LoggedRecord(3, 77, own.Record)));
        AssertForked();
    }

    [Fact]
    public void An_own_record_that_was_missed_and_trimmed_does_not_block_later_records()
    {
        var missed = _test.Raise(InvalidationTarget.ForTag("missed"));
        _test.LogTag("gone");
        Assert.True(_test.Acknowledge(missed, _test.Log(missed.Record)));
        _test.Tail();
        Assert.Equal(2, _test.Horizon.Position.Sequence);
        var between = _test.LogTag("between");
        var ahead = _test.Raise(InvalidationTarget.ForTag("ahead"));
        Assert.True(_test.Acknowledge(ahead, _test.Log(ahead.Record)));
        _test.Push(between);
        Assert.Equal(4, _test.Horizon.Position.Sequence);
    }

    [Fact]
    public void A_superseded_write_invalidates_its_key_up_to_the_newer_record_not_yet_received()
    {
        var target = InvalidationTarget.ForKey("k");
        var load = _test.Begin("k");
        var own = _test.Raise(target);
        var reply = new AppendReply(_test.Generation, Sequence: 4, PreviousId: 3) { Version = VersionState.Superseded, Newest = 4 };
        Assert.True(_test.Horizon.Acknowledged(own, reply, _test.Horizon.Snapshot(_test.Now), _test.Now));
        Assert.False(_test.MayStore(load, "k"));
        Assert.False(_test.MayStore(_test.Begin("k"), "k"), "the record of the newer write has not come yet");
        Assert.True(_test.MayStore(_test.Begin("other"), "other"));
    }

    private void AssertForked()
    {
        Assert.Equal(Generation.None, _test.Horizon.Position.Generation);
        Assert.Equal(_test.Generation, _test.Effects().CreateInstead);
    }
}
