using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class LogFollowingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_push_is_detected_by_the_next_push_and_read_from_the_log()
    {
        await using var cluster = new TestCluster();
        await LoadAsync(cluster.B, "k1", "k2");
        cluster.B.Faults.DropsPushes = true;
        await cluster.A.Invalidator.InvalidateKeyAsync("k1", cancellationToken: Stop);
        Assert.True(cluster.B.Holds("k1"));
        cluster.B.Faults.DropsPushes = false;
        await cluster.A.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        Assert.False(cluster.B.Holds("k1"));
        Assert.True(cluster.B.Holds("k2"));
        Assert.Equal(2, cluster.B.Position.Sequence);
    }

    [Fact]
    public async Task The_heartbeat_reads_the_records_whose_pushes_were_lost()
    {
        await using var cluster = new TestCluster();
        cluster.Server.Faults.DropsPushes = true;
        await LoadAsync(cluster.B, "k1", "k2");
        await cluster.A.Invalidator.InvalidateKeyAsync("k1", cancellationToken: Stop);
        Assert.True(cluster.B.Holds("k1"));
        cluster.Advance(1);
        Assert.False(cluster.B.Holds("k1"));
        Assert.True(cluster.B.Holds("k2"));
    }

    [Fact]
    public async Task With_every_push_lost_nothing_invalidated_is_served_for_longer_than_a_heartbeat()
    {
        await using var cluster = new TestCluster(3);
        cluster.Server.Faults.DropsPushes = true;
        var source = new Source();
        for (var i = 2; i < 20; i++)
        {
            foreach (var node in cluster.Nodes)
                await node.ReadAsync("k", source, tags: "t");
            source.Value = $"v{i}";
            await cluster.Nodes[i % 3].Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
            cluster.Advance(1);
            foreach (var node in cluster.Nodes)
                Assert.Equal($"v{i}", (await node.ReadAsync("k", source, tags: "t")).Value);
        }
    }

    [Fact]
    public async Task A_node_that_missed_trimmed_records_drops_every_entry_and_stays_trusted()
    {
        await using var cluster = new TestCluster();
        cluster.Server.LogLength = 3;
        await LoadAsync(cluster.B, "k");
        cluster.B.Faults.DropsPushes = true;
        for (var i = 0; i < 5; i++)
            await cluster.A.Invalidator.InvalidateKeyAsync($"x{i}", cancellationToken: Stop);
        Assert.True(cluster.B.Holds("k"));
        cluster.Advance(1);
        Assert.False(cluster.B.Holds("k"));
        Assert.Equal(5, cluster.B.Position.Sequence);
        await LoadAsync(cluster.B, "k");
    }

    [Fact]
    public async Task A_push_that_comes_twice_changes_nothing()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await LoadAsync(cluster.B, "k");
        cluster.B.Node.Pushed(0, cluster.Server.Generation, cluster.Server.Records.Single());
        Assert.True(cluster.B.Holds("k"));
        Assert.Equal(1, cluster.B.Position.Sequence);
    }

    [Fact]
    public async Task A_tail_reply_over_an_abandoned_connection_confirms_nothing()
    {
        await using var cluster = new TestCluster();
        await LoadAsync(cluster.B, "k");
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail, afterwards: true);
        cluster.Advance(1);
        await hold.Reached;
        cluster.B.Faults.Refuses = s => s == ServerScript.Tail;
        cluster.B.Session.Cut();
        cluster.B.Session.Reconnect();
        hold.Release();
        cluster.Advance(3.9);
        Assert.True(cluster.B.Holds("k"));
        cluster.Advance(.2);
        Assert.False(cluster.B.Holds("k"));
    }

    [Fact]
    public async Task A_confirmation_counts_from_the_sending_of_the_heartbeat_and_not_from_its_reply()
    {
        await using var cluster = new TestCluster();
        await LoadAsync(cluster.B, "k");
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail, afterwards: true);
        cluster.Advance(1);
        await hold.Reached;
        cluster.Advance(3);
        cluster.B.Faults.Refuses = s => s == ServerScript.Tail;
        hold.Release();
        await Eventually.Holds("the next heartbeat has failed", () => cluster.B.Log.Says("following the log failed"));
        Assert.True(cluster.B.Holds("k"));
        var since = cluster.B.Cache.GetLogState().SinceConfirmed!.Value.TotalSeconds;
        Assert.InRange(since, 3, 3.2);
        cluster.Advance(4.9 - since);
        Assert.True(cluster.B.Holds("k"));
        cluster.Advance(.1);
        Assert.False(cluster.B.Holds("k"));
    }

    [Fact]
    public async Task A_failed_tail_is_logged_with_a_connection_and_not_without_one()
    {
        await using var cluster = new TestCluster();
        await LoadAsync(cluster.B, "k");
        cluster.B.Session.Cut();
        cluster.Advance(1);
        cluster.B.Session.Reconnect();
        await LoadAsync(cluster.B, "again");
        Assert.Equal((0, 0), (cluster.B.Log.Times("following the log failed"), cluster.B.Log.Times("reachable again")));
        cluster.B.Faults.Refuses = s => s == ServerScript.Tail;
        cluster.Advance(2);
        await Eventually.Holds("it is said once", () => cluster.B.Log.Times("following the log failed") == 1);
        cluster.B.Faults.Clear();
        cluster.Advance(1);
        await Eventually.Holds("it is said to be over", () => cluster.B.Log.Times("reachable again") == 1);
    }

    [Fact]
    public async Task A_cut_connection_loses_pushes_and_the_greeting_of_the_next_one_brings_them()
    {
        await using var cluster = new TestCluster();
        await LoadAsync(cluster.B, "k1", "k2");
        cluster.B.Session.Cut();
        await cluster.A.Invalidator.InvalidateKeyAsync("k1", cancellationToken: Stop);
        Assert.True(cluster.B.Holds("k1"));
        cluster.B.Session.Reconnect();
        await Eventually.Holds("the missed record is applied", () => !cluster.B.Holds("k1"));
        Assert.True(cluster.B.Holds("k2"));
    }

    [Fact]
    public async Task Own_records_acknowledged_ahead_of_others_are_in_force_and_the_cursor_waits_for_the_gap()
    {
        await using var cluster = new TestCluster();
        await LoadAsync(cluster.B, "k1", "k2");
        cluster.B.Faults.DropsPushes = true;
        await cluster.A.Invalidator.InvalidateKeyAsync("k1", cancellationToken: Stop);
        var receipt = await cluster.B.Invalidator.InvalidateKeyAsync("k2", cancellationToken: Stop);
        Assert.Equal(2, receipt.Position.Sequence);
        Assert.False(cluster.B.Holds("k2"));
        Assert.Equal(0, cluster.B.Position.Sequence);
        cluster.Advance(1);
        Assert.False(cluster.B.Holds("k1"));
        Assert.Equal(receipt.Position, cluster.B.Position);
    }

    private static async Task LoadAsync(ClusterNode node, params string[] keys)
    {
        foreach (var key in keys)
            await node.ReadAsync(key, new Source());
        Assert.All(keys, k => Assert.True(node.Holds(k)));
    }
}
