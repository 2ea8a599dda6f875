using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Group commit: which appends are sent together, and when.</summary>
public sealed class AppendBatcherTests : IAsyncDisposable
{
    private readonly NodeParts _parts = new();
    private readonly Outcomes _outcomes = new();
    private readonly AppendBatcher _batcher;

    public AppendBatcherTests() => _batcher = Batcher(_parts.Session);

    private List<InvalidationRecord[]> Batches => _parts.Session.Batches;

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    [Fact]
    public void An_append_is_sent_at_once_while_no_call_is_in_flight()
    {
        Add(1);
        Assert.Equal([1], Sizes());
        Reply(0);
        Add(1);
        Assert.Equal([1, 1], Sizes());
    }

    [Fact]
    public void Appends_added_during_a_call_are_sent_together_in_order()
    {
        var appends = Add(20);
        Assert.Equal([1], Sizes());
        Reply(0);
        Assert.Equal([1, 19], Sizes());
        Assert.Equal(appends[1..].Select(a => a.Record), Batches[1]);
    }

    [Fact]
    public void Each_record_of_a_batch_has_the_sequence_and_the_id_that_follow_the_one_before()
    {
        var appends = Add(4);
        _parts.Session.Reply(0, new AppendReply(_parts.Generation, 7, 99));
        _parts.Session.Reply(1, new AppendReply(_parts.Generation, 8, appends[0].Record.Id));
        Assert.Equal([7, 8, 9, 10], _outcomes.Replies.Select(r => r.Reply.Sequence));
        Assert.Equal([99, .. appends[..3].Select(a => a.Record.Id)], _outcomes.Replies.Select(r => r.Reply.PreviousId));
        Assert.Equal(appends, _outcomes.Replies.Select(r => r.Append));
    }

    [Fact]
    public void A_second_call_starts_once_a_call_has_succeeded_and_32_appends_wait_and_a_third_never_does()
    {
        Add(1 + 40);
        Assert.Equal([1], Sizes());
        Reply(0);
        Assert.Equal([1, 40], Sizes());
        Add(31);
        Assert.Equal([1, 40], Sizes());
        Add(1);
        Assert.Equal([1, 40, 32], Sizes());
        Add(100);
        Assert.Equal([1, 40, 32], Sizes());
        Reply(2); // the calls may end in any order
        Assert.Equal([1, 40, 32, 100], Sizes());
    }

    [Fact]
    public void A_batch_has_at_most_128_records()
    {
        Add(1 + 300);
        Reply(0);
        Assert.Equal([1, 128, 128], Sizes());
        Reply(1);
        Assert.Equal([1, 128, 128, 44], Sizes());
    }

    [Fact]
    public void A_batch_has_at_most_1000_targets_unless_one_record_has_more()
    {
        Add(1);
        foreach (var targets in new[] { 600, 400, 1, 1500, 2 })
            _batcher.Add(new Operation(Wide(targets), 0));
        for (var batch = 0; batch < 4; batch++)
            Reply(batch);
        Assert.Equal([1, 2, 1, 1, 1], Sizes());
    }

    [Fact]
    public void A_batch_is_not_larger_than_the_session_permits()
    {
        var session = new HeldSession { MaximumBatchBytes = 1000 };
        var batcher = Batcher(session);
        foreach (var length in new[] { 1, 300, 300, 300, 5000 })
            batcher.Add(new Operation(_parts.Record(new string('x', length)), 0));
        for (var batch = 0; batch < 3; batch++)
            session.Reply(batch, new AppendReply(_parts.Generation, 1, 0));
        Assert.Equal([1, 2, 1, 1], session.Batches.Select(b => b.Length));
    }

    [Fact]
    public void A_record_with_a_version_is_sent_alone()
    {
        Add(2);
        _batcher.Add(new Operation(Versioned(), 0));
        Add(2);
        for (var batch = 0; batch < 3; batch++)
            Reply(batch);
        Assert.Equal([1, 1, 1, 2], Sizes());
        Assert.NotNull(Batches[2][0].Version);
    }

    [Fact]
    public void A_failed_call_fails_the_appends_that_wait_and_later_ones_are_sent()
    {
        var appends = Add(5);
        var why = new IOException("lost");
        _parts.Session.Fail(0, why);
        Assert.Equal([.. appends[1..], appends[0]], _outcomes.Failures.Select(f => f.Append));
        Assert.All(_outcomes.Failures, f => Assert.Same(why, f.Why));
        Add(1);
        Assert.Equal([1, 1], Sizes());
    }

    [Fact]
    public void The_state_of_the_node_is_the_one_when_the_batch_was_sent()
    {
        Add(2);
        var before = _parts.Connection.Number;
        _parts.Connection.Change(isOpen: true);
        Reply(0);
        Reply(1);
        Assert.Equal([before, before + 1], _outcomes.Replies.Select(r => r.Connection));
    }

    [Fact]
    public void Removed_appends_are_not_sent()
    {
        var appends = Add(3);
        Assert.Equal(appends[1..], _batcher.RemoveWaiting());
        Reply(0);
        Assert.Equal([1], Sizes());
    }

    [Fact]
    public void The_context_of_a_caller_does_not_flow_into_the_call()
    {
        var ambient = new AsyncLocal<string?> { Value = "caller" };
        ExecutionContext? inCall = null;
        var session = new HeldSession { OnAppend = () => inCall = ExecutionContext.Capture() };
        Batcher(session).Add(new Operation(_parts.Record("k"), 0));
        Assert.Single(session.Batches);
        Assert.Null(inCall); // flow is suppressed during the call
        Assert.Equal("caller", ambient.Value);
    }

    private List<Operation> Add(int count)
    {
        var appends = Enumerable.Range(0, count).Select(i => new Operation(_parts.Record($"k{i}"), 0)).ToList();
        appends.ForEach(_batcher.Add);
        return appends;
    }

    private void Reply(int batch) => _parts.Session.Reply(batch, new AppendReply(_parts.Generation, 1, 0));

    private IEnumerable<int> Sizes() => Batches.Select(b => b.Length);

    private AppendBatcher Batcher(HeldSession session)
    {
        var batcher = new AppendBatcher(_parts.Horizon, _parts.Connection, _parts.Monotonic, _outcomes);
        batcher.Start(session);
        return batcher;
    }

    private InvalidationRecord Wide(int targets) =>
        new(1, [.. Enumerable.Range(0, targets).Select(i => InvalidationTarget.ForKey($"{i}"))], new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch);

    private static InvalidationRecord Versioned() =>
        new(1, InvalidationTarget.ForKey("k"), new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch) { Version = new KeyVersion("shop", 1) };

    private sealed class Outcomes : IAppendReceiver
    {
        public List<(Operation Append, AppendReply Reply, int Connection)> Replies { get; } = [];

        public List<(Operation Append, Exception Why)> Failures { get; } = [];

        public void Replied(Operation operation, in AppendReply reply, in RequestSnapshot snapshot, int connection) => Replies.Add((operation, reply, connection));

        public void Failed(Operation operation, Exception exception) => Failures.Add((operation, exception));
    }
}
