using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>
/// A node stores the highest sequence observed in its generation, from any source. A later answer with a lower sequence belongs to another
/// history.
/// </summary>
public sealed class HighestSequenceTests
{
    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void An_own_record_acknowledged_ahead_of_the_cursor_raises_the_highest_sequence()
    {
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        Assert.True(_test.Acknowledge(own, new LoggedRecord(5, 99, own.Record)));
        Assert.Equal(0, _test.Horizon.Position.Sequence);
        AssertForkedBelow(5);
    }

    [Fact]
    public void Acknowledgements_in_reverse_order_keep_the_highest_sequence()
    {
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        foreach (var sequence in new[] { 9, 5 })
        {
            var own = _test.Raise(InvalidationTarget.ForTag("own"));
            Assert.True(_test.Acknowledge(own, new LoggedRecord(sequence, 90 + sequence, own.Record), snapshot));
        }

        AssertForkedBelow(9);
    }

    [Fact]
    public void An_answer_of_the_second_level_raises_the_highest_sequence()
    {
        Assert.Equal(RemoteValidity.Valid, _test.Judge(_test.Begin("k"), "k", stamp: 0, sequence: 7));
        AssertForkedBelow(7);
    }

    [Fact]
    public void A_superseded_write_raises_the_highest_sequence_to_the_newest_record_of_its_reply()
    {
        var own = new Operation(_test.Record(InvalidationTarget.ForKey("k")), _test.Now);
        var reply = new AppendReply(_test.Generation, 3, 0) { Version = VersionState.Superseded, Newest = 8 };
        Assert.True(_test.Horizon.Acknowledged(own, reply, _test.Horizon.Snapshot(_test.Now), _test.Now));
        AssertForkedBelow(8);
    }

    [Fact]
    public void The_adoption_of_a_generation_sets_the_highest_sequence()
    {
        for (var i = 0; i < 4; i++)
            _ = _test.LogTag("t");
        _test.StartNewGeneration();
        _ = _test.LogTag("t");
        _ = _test.LogTag("t");
        _test.Adopt();
        AssertForkedBelow(2);
    }

    [Fact]
    public void Sequences_of_the_previous_generation_do_not_count_in_the_next()
    {
        var own = _test.Raise(InvalidationTarget.ForTag("own"));
        Assert.True(_test.Acknowledge(own, new LoggedRecord(50, 99, own.Record)));
        _test.StartNewGeneration();
        _test.Adopt();
        _test.Effects();
        foreach (var replayed in new[] { own })
            Assert.True(_test.Acknowledge(replayed, _test.Log(replayed.Record)));
        Assert.Equal(RemoteValidity.Valid, _test.Judge(_test.Begin("k"), "k", stamp: 0, sequence: 1));
    }

    [Fact]
    public void A_missed_and_trimmed_part_of_the_log_raises_the_highest_sequence()
    {
        for (var i = 0; i < 6; i++)
            _ = _test.LogTag("t");
        _test.Tail();
        Assert.Equal(6, _test.Horizon.Position.Sequence);
        AssertForkedBelow(6);
    }

    private void AssertForkedBelow(long seen)
    {
        var load = _test.Begin("another");
        Assert.Equal(seen, load.Remote!.Seen);
        Assert.Equal(RemoteValidity.Valid, _test.Judge(load, "another", stamp: 0, sequence: seen));
        Assert.NotEqual(Generation.None, _test.Horizon.Position.Generation);
        Assert.Equal(RemoteValidity.Invalid, _test.Judge(load, "another", stamp: 0, sequence: seen - 1));
        Assert.Equal(Generation.None, _test.Horizon.Position.Generation);
        Assert.Equal(_test.Generation, _test.Effects().CreateInstead);
    }
}
