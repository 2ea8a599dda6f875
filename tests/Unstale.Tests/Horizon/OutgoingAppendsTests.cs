using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class OutgoingAppendsTests
{
    private readonly HorizonParts _parts = new(new HorizonSettings { StalenessBound = HorizonParts.Bound, RetryCapacity = 2, ReplayCapacity = 2, ReplayWindow = 100 });

    private OutgoingAppends Appends => _parts.Appends;

    [Fact]
    public void Before_the_first_tail_of_a_connection_an_operation_is_queued_and_after_it_sent()
    {
        var first = Raise("a");
        Assert.False(Appends.MaySend(first));
        Assert.Equal(1, Appends.Queued);
        _parts.Adopt();
        Assert.True(Appends.MaySend(Raise("b")));
        Appends.Flush();
        Assert.Equal([first], _parts.Effects().Append);
        Assert.Equal(0, Appends.Queued);
        Appends.Flush();
        Assert.False(_parts.Work.IsAny);
    }

    [Fact]
    public void An_acknowledged_operation_is_applied_at_its_position_and_no_longer_pending()
    {
        _parts.Adopt();
        var operation = Raise("a");
        Assert.True(Appends.Acknowledged(operation, _parts.Reply(1), _parts.Ask(), now: 0));
        Assert.True(operation.IsApplied);
        Assert.Equal(new LogPosition(0, _parts.Generation, 1), operation.Position);
        Assert.False(operation.IsPending);
        Assert.Equal(1, _parts.Log.Cursor);
        Assert.False(_parts.Work.IsAny);
    }

    [Fact]
    public void A_reply_that_the_follower_refuses_leaves_the_operation_pending_and_queued()
    {
        var operation = Raise("a");
        Assert.False(Appends.Acknowledged(operation, _parts.Reply(1), _parts.Ask(), now: 0));
        Assert.True(operation.IsPending);
        Assert.False(operation.IsApplied);
        Assert.Equal(1, Appends.Queued);
    }

    [Fact]
    public void A_queued_operation_that_was_not_pending_becomes_pending()
    {
        var operation = Tag("a");
        Appends.Queue(operation);
        Assert.True(operation.IsPending);
        Assert.Equal(operation.Record, Assert.Single(_parts.Index.Pending).Record);
    }

    [Fact]
    public void A_superseded_operation_is_applied_with_its_targets_at_the_position_of_the_earlier_record()
    {
        _parts.Adopt();
        var operation = Raise("a");
        var reply = new AppendReply(_parts.Generation, 3, 0) { Version = VersionState.Superseded, Newest = 5 };
        Assert.True(Appends.Acknowledged(operation, reply, _parts.Ask(), now: 0));
        Assert.Equal((3, VersionState.Superseded), (operation.Position.Sequence, operation.Version));
        Assert.Equal((0, 5), (_parts.Log.Cursor, _parts.Log.Seen));
        var tags = _parts.Index.Tags.Hold(["a"]);
        Assert.False(_parts.Index.IsClear("k", tags, 2));
        Assert.True(_parts.Index.IsClear("k", tags, 3));
    }

    [Fact]
    public void Above_the_limit_the_queue_collapses_to_one_everything_that_covers_them_all()
    {
        Operation[] queued = [Raise("a"), Raise("b"), Raise("c")];
        foreach (var operation in queued)
            Appends.Queue(operation);
        Assert.Equal(1, Appends.Queued);
        Assert.Equal(long.MaxValue, _parts.View.Floor);
        Assert.All(queued, operation => Assert.False(operation.IsPending));
        Appends.Flush();
        var everything = Assert.Single(_parts.Effects().Append);
        _parts.Adopt();
        Assert.True(Appends.Acknowledged(everything, _parts.Reply(1), _parts.Ask(), now: 0));
        Assert.All(queued, operation => Assert.Equal(1, operation.Position.Sequence));
        Assert.Equal([everything, .. queued], _parts.Effects().Applied);
        Assert.Equal(1, _parts.View.Floor);
    }

    [Fact]
    public void Own_records_of_another_generation_are_appended_again_and_block_trust_until_the_last_is_acknowledged()
    {
        _parts.Adopt();
        var (first, second) = (Acknowledge(Raise("a"), now: 0), Acknowledge(Raise("b"), now: 10));
        Appends.Replay(now: 20); // of this generation: nothing
        Assert.Equal(0, Appends.Replaying);
        Change();
        Appends.Replay(now: 100);
        Assert.Equal([first, second], _parts.Effects().Append);
        Assert.Equal(2, Appends.Replaying);
        _parts.Trust.Confirm(1_000);
        Assert.False(_parts.View.IsTrusted(1_000));
        Acknowledge(first, now: 110);
        Assert.False(_parts.View.IsTrusted(1_000));
        Acknowledge(second, now: 120);
        Assert.True(_parts.View.IsTrusted(1_000));
        Assert.Equal([first, second], _parts.Effects().Applied);
        Assert.Equal(0, Appends.Replaying);
    }

    [Fact]
    public void A_record_older_than_the_window_is_not_appended_again()
    {
        _parts.Adopt();
        Acknowledge(Raise("a"), now: 0);
        var second = Acknowledge(Raise("b"), now: 10);
        Change();
        Appends.Replay(now: 101);
        Assert.Equal([second], _parts.Effects().Append);
    }

    [Fact]
    public void Records_that_no_longer_fit_the_ring_are_replaced_by_everything()
    {
        _parts.Adopt();
        for (var i = 0; i < 3; i++)
            Acknowledge(Raise("a"), now: 0);
        Change();
        Appends.Replay(now: 50);
        var everything = Assert.Single(_parts.Effects().Append);
        Assert.Equal(TargetKind.Everything, everything.Record.Targets[0].Kind);
        Assert.Equal(2, everything.Covers!.Alive().Count);
    }

    [Fact]
    public void Records_to_be_appended_again_do_not_count_for_the_limit_of_the_queue()
    {
        _parts.Adopt();
        var replayed = Acknowledge(Raise("a"), now: 0);
        Change();
        Appends.Replay(now: 50);
        foreach (var operation in new[] { replayed, Raise("b"), Raise("c") })
            Appends.Queue(operation);
        Assert.Equal(3, Appends.Queued);
        Appends.Queue(Raise("d"));
        Assert.Equal(1, Appends.Queued);
    }

    [Fact]
    public void A_local_log_keeps_nothing_to_append_again()
    {
        var parts = new HorizonParts(new HorizonSettings { IsLocal = true });
        parts.Adopt();
        var operation = parts.Operation(InvalidationTarget.ForTag("a"));
        Assert.True(parts.Appends.Acknowledged(operation, parts.Reply(1), parts.Ask(), now: 0));
        parts.Adopt(generation: Generation.Create(parts.Generation.Number));
        parts.Appends.Replay(now: 1);
        Assert.Equal(0, parts.Appends.Replaying);
    }

    private Operation Tag(string tag) => _parts.Operation(InvalidationTarget.ForTag(tag));

    private Operation Raise(string tag)
    {
        var operation = Tag(tag);
        Appends.Raise(operation);
        return operation;
    }

    private Operation Acknowledge(Operation operation, long now)
    {
        Assert.True(Appends.Acknowledged(operation, _parts.Reply(_parts.Log.Cursor + 1, LastId()), _parts.Ask(), now));
        return operation;
    }

    private long LastId() => _parts.Log.NextTail(confirms: true).IdAtCursor;

    private void Change() => _parts.Adopt(generation: Generation.Create(_parts.Log.Generation.Number));
}
