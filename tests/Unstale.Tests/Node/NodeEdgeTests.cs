using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Times and order of a node's actions where one step earlier or later changes a result.</summary>
public sealed class NodeEdgeTests
{
    private const string NotTrusted = "Log shared: this node has not been confirmed for";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_set_is_in_force_on_its_node_before_the_server_replies()
    {
        await using var cluster = new TestCluster(1);
        var source = new Source("old");
        await cluster.A.ReadAsync("k", source);
        source.Value = "new";
        var hold = cluster.A.Faults.HoldNext(ServerScript.Set);
        var set = cluster.A.Cache.SetAsync("k", "new", cancellationToken: Stop).AsTask();
        await hold.Reached;
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal("new", (await cluster.A.ReadAsync("k", source)).Value);
        hold.Release();
        await Eventually.Ends("the set ends", set);
    }

    [Fact]
    public async Task A_versioned_write_invalidates_no_local_entry_before_the_server_has_accepted_it()
    {
        await using var cluster = new TestCluster(1);
        cluster.Server.KnowVersions();
        var source = new Source("newest");
        await cluster.A.Cache.WriteThroughAsync("k", "newest", 9, cancellationToken: Stop);
        Assert.True(cluster.A.Holds("k"));
        var hold = cluster.A.Faults.HoldNext(ServerScript.Set);
        var write = cluster.A.Cache.WriteThroughAsync("k", "older", 8, cancellationToken: Stop).AsTask();
        await hold.Reached;
        Assert.True(cluster.A.Holds("k"));
        hold.Release();
        Assert.Equal(WriteThroughOutcome.Superseded, (await Eventually.Ends("the write ends", write)).Outcome);
        Assert.Equal("newest", (await cluster.A.ReadAsync("k", source)).Value);
    }

    [Fact]
    public async Task A_heartbeat_confirms_the_history_and_the_tail_of_a_waiting_reader_does_not()
    {
        await using var cluster = new TestCluster(1);
        var position = (await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).Position;
        cluster.Advance(2);
        Assert.True(cluster.A.Session.LastTail!.Value.Confirms);
        Assert.NotEqual(PositionStatus.Reached, await cluster.A.Cache.WaitForPositionAsync(position with { Sequence = 7 }, TimeSpan.FromSeconds(1), Stop));
        Assert.False(cluster.A.Session.LastTail!.Value.Confirms);
        cluster.Advance(2);
        Assert.True(cluster.A.Session.LastTail!.Value.Confirms);
    }

    [Fact]
    public async Task The_time_without_a_confirmation_counts_from_the_last_one_and_not_from_the_start()
    {
        await using var cluster = new TestCluster(1, withRemote: false);
        cluster.Advance(100);
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.A.Faults.Refuses = static s => s == ServerScript.Append;
        cluster.Server.FailOver(loses: 1);
        await Eventually.Holds("the node stands in the new generation", () => cluster.A.Position.Generation == cluster.Server.Generation);
        cluster.Advance(3);
        Assert.False(cluster.A.IsTrusted);
        Assert.False(cluster.A.Log.Says(NotTrusted));
        cluster.Advance(3);
        Assert.True(cluster.A.Log.Says(NotTrusted));
    }

    [Fact]
    public async Task A_node_that_never_was_confirmed_counts_from_its_start()
    {
        await using var cluster = new TestCluster(0, withRemote: false);
        cluster.Server.Faults.Refuses = static _ => true;
        cluster.Add(withRemote: false);
        cluster.Advance(4);
        Assert.False(cluster.A.Log.Says(NotTrusted));
        cluster.Advance(2);
        Assert.True(cluster.A.Log.Says(NotTrusted));
    }
}
