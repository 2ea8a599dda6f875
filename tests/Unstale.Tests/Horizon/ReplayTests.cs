using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class ReplayTests
{
    [Fact]
    public void Own_records_go_into_a_new_generation_before_the_node_is_trusted_in_it()
    {
        var test = new HorizonUnderTest();
        var first = test.Invalidate(InvalidationTarget.ForTag("t"));
        var second = test.Invalidate(InvalidationTarget.ForTag("u"));
        test.Effects();
        test.StartNewGeneration();
        test.Adopt();
        Assert.Equal([first, second], test.Effects().Append);
        Assert.False(test.IsTrusted);
        Assert.False(test.Begin("k").Trusted);
        Assert.True(test.Acknowledge(first, test.Log(first.Record)));
        Assert.False(test.IsTrusted);
        Assert.True(test.Acknowledge(second, test.Log(second.Record)));
        Assert.True(test.IsTrusted);
        Assert.Equal(new LogPosition(0, test.Generation, 2), second.Position);
    }

    [Fact]
    public void A_replay_that_a_newer_version_superseded_blocks_trust_no_longer()
    {
        var test = new HorizonUnderTest();
        var own = test.Invalidate(InvalidationTarget.ForKey("k"));
        test.Effects();
        test.StartNewGeneration();
        test.Adopt();
        Assert.Equal([own], test.Effects().Append);
        var newer = new AppendReply(test.Generation, 1, 0) { Version = VersionState.Superseded, Newest = 1 };
        Assert.True(test.Horizon.Acknowledged(own, newer, test.Horizon.Snapshot(test.Now), test.Now));
        Assert.Equal([own], test.Effects().Applied);
        Assert.True(test.IsTrusted);
        Assert.Equal(0, test.Horizon.Replaying);
    }

    [Fact]
    public void A_replay_without_a_reply_blocks_trust_and_is_sent_again()
    {
        var test = new HorizonUnderTest(new HorizonSettings { RetryCapacity = 1 });
        var first = test.Invalidate(InvalidationTarget.ForTag("t"));
        var second = test.Invalidate(InvalidationTarget.ForTag("u"));
        test.StartNewGeneration();
        test.Adopt();
        test.Horizon.Failed(first);
        test.Horizon.Failed(second);
        Assert.Equal(2, test.Horizon.Queued);
        test.Effects();
        test.Tail();
        Assert.Equal([first, second], test.Effects().Append);
        Assert.False(test.IsTrusted);
    }

    [Fact]
    public void Records_older_than_the_replay_window_are_not_appended_again()
    {
        var test = new HorizonUnderTest(new HorizonSettings { ReplayWindow = 1_000 });
        test.Invalidate(InvalidationTarget.ForTag("old"));
        test.Now += 600;
        var recent = test.Invalidate(InvalidationTarget.ForTag("recent"));
        test.Now += 600;
        test.Effects();
        test.StartNewGeneration();
        test.Adopt();
        Assert.Equal([recent], test.Effects().Append);
    }

    [Fact]
    public void Records_of_the_present_generation_are_not_sent_again()
    {
        var test = new HorizonUnderTest();
        test.Invalidate(InvalidationTarget.ForTag("t"));
        test.Effects();
        test.LogTag("lost");
        test.Tail();
        Assert.Empty(test.Effects().Append);
        Assert.True(test.IsTrusted);
    }

    [Fact]
    public void A_ring_that_overflowed_replays_everything()
    {
        var test = new HorizonUnderTest(new HorizonSettings { ReplayCapacity = 2 });
        var raised = Enumerable.Range(0, 3).Select(i => test.Invalidate(InvalidationTarget.ForTag($"t{i}"))).ToList();
        test.Effects();
        test.StartNewGeneration();
        test.Adopt();
        var everything = Assert.Single(test.Effects().Append);
        Assert.Equal(TargetKind.Everything, everything.Record.Targets[0].Kind);
        Assert.Equal(raised[1..], everything.Covers!.Alive());
        Assert.False(test.IsTrusted);
        Assert.True(test.Acknowledge(everything, test.Log(everything.Record)));
        Assert.True(test.IsTrusted);
    }

    [Fact]
    public void A_replay_ring_keeps_its_capacity_and_reports_when_it_is_incomplete()
    {
        var (old, now) = (Generation.Create(), Generation.Create());
        var ring = new ReplayRing(2, window: 100);
        var test = new HorizonUnderTest();
        Operation[] operations = [.. Enumerable.Range(0, 3).Select(_ => new Operation(test.Record(), 0))];
        ring.Add(10, old, operations[0]);
        ring.Add(20, old, operations[1]);
        Assert.Empty(ring.RemoveOthers(30, old, out var incomplete));
        Assert.False(incomplete);
        ring.Add(30, now, operations[2]);
        Assert.Equal([operations[1]], ring.RemoveOthers(40, now, out incomplete));
        Assert.True(incomplete);
        Assert.Empty(ring.RemoveOthers(50, now, out incomplete));
        Assert.False(incomplete);
        Assert.Equal([operations[2]], ring.RemoveOthers(60, old, out incomplete));
    }

    [Fact]
    public void Records_dropped_before_the_replay_window_do_not_make_a_replay_incomplete()
    {
        var (old, now) = (Generation.Create(), Generation.Create());
        var ring = new ReplayRing(1, window: 100);
        var test = new HorizonUnderTest();
        ring.Add(0, old, new Operation(test.Record(), 0));
        ring.Add(90, old, new Operation(test.Record(), 0));
        Assert.Single(ring.RemoveOthers(150, now, out var incomplete));
        Assert.False(incomplete);
    }
}
