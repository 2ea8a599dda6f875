using Unstale.Log;
using Unstale.Node;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Appends of one node: in force, sent, acknowledged, queued again.</summary>
public sealed class AppendQueueTests : IAsyncDisposable
{
    private readonly NodeParts _parts = new NodeParts().Follow();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private AppendQueue Appends => _parts.Appends;

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    [Fact]
    public async Task An_invalidation_is_in_force_before_the_reply_and_its_caller_returns_with_the_reply()
    {
        var record = _parts.Record("k");
        var raised = Appends.RaiseAsync(record, null, Stop).AsTask();
        Assert.Equal((1, 1), (Assert.Single(_parts.Session.Batches).Length, Undone()));
        Assert.Equal([record], History());
        Assert.False(raised.IsCompleted);
        Reply(0, 1);
        var operation = await Eventually.Ends("the caller returns", raised);
        Assert.Equal((_parts.At(1), 0), (operation.Position, Undone()));
        Assert.Empty(History());
    }

    [Fact]
    public async Task A_reply_over_a_former_connection_counts_as_none_and_the_record_is_sent_again()
    {
        var raised = Appends.RaiseAsync(_parts.Record("k"), null, Stop).AsTask();
        _parts.Connection.Change(isOpen: true);
        Reply(0, 1);
        Assert.False(raised.IsCompleted);
        Assert.Equal((1, 1), (_parts.Horizon.Queued, Undone()));
        lock (_parts.Horizon.Gate)
            _parts.Horizon.Tailed(new TailReply(TailState.Records, _parts.Generation, 0, 0, []), _parts.Horizon.Snapshot(_parts.Monotonic.Now));
        foreach (var operation in _parts.TakeEffects().Append)
            Appends.Send(operation);
        Reply(1, 1);
        Assert.True((await Eventually.Ends("the caller returns", raised)).IsApplied);
    }

    [Fact]
    public async Task Records_that_wait_for_a_lost_connection_are_queued()
    {
        Task[] raised = [.. Enumerable.Range(0, 3).Select(i => Appends.RaiseAsync(_parts.Record($"k{i}"), null, Stop).AsTask())];
        _parts.Connection.Change(isOpen: false);
        _parts.Horizon.Disconnected();
        Appends.Disconnected();
        Assert.Equal((2, 3), (_parts.Horizon.Queued, Undone())); // the first is in flight
        _parts.Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Ends("the callers return at their timeout", Task.WhenAll(raised));
    }

    [Fact]
    public async Task A_drain_ends_with_the_last_reply_or_at_its_limit_with_the_number_of_lost_invalidations()
    {
        Assert.Equal(0, await Appends.DrainAsync(TimeSpan.FromSeconds(5)));
        _ = Appends.RaiseAsync(_parts.Record("k"), null, Stop).AsTask();
        var late = Appends.DrainAsync(TimeSpan.FromSeconds(5));
        _parts.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, await Eventually.Ends("the drain ends", late));
        var drain = Appends.DrainAsync(TimeSpan.FromSeconds(5));
        Assert.False(drain.IsCompleted);
        Reply(0, 1);
        Assert.Equal(0, await Eventually.Ends("the drain ends", drain));
    }

    [Fact]
    public async Task An_ended_node_accepts_nothing()
    {
        _parts.Connection.End();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Appends.RaiseAsync(_parts.Record("k"), null, Stop).AsTask());
        Assert.Throws<ObjectDisposedException>(() => Appends.Begin(_parts.Record("k")));
        Assert.Empty(_parts.Session.Batches);
    }

    [Fact]
    public void A_record_with_a_version_is_in_force_only_when_enforced()
    {
        var plain = Appends.Begin(_parts.Record("plain"));
        var versioned = Appends.Begin(Versioned());
        Assert.Equal((true, false), (plain.IsPending, versioned.IsPending));
        Appends.Enforce(versioned);
        Assert.True(versioned.IsPending);
    }

    private InvalidationRecord Versioned()
    {
        var record = _parts.Record("k");
        return new InvalidationRecord(record.Id, record.Targets, record.Origin, record.Time) { Version = new KeyVersion("shop", 1) };
    }

    private void Reply(int batch, long sequence) => _parts.Session.Reply(batch, new AppendReply(_parts.Generation, sequence, 0));

    private long Undone()
    {
        lock (_parts.Horizon.Gate)
            return Appends.Undone_NeedsLock();
    }

    /// <summary>Records pending on this node.</summary>
    private IEnumerable<InvalidationRecord> History()
    {
        lock (_parts.Horizon.Gate)
            return _parts.Horizon.History().Pending;
    }
}
