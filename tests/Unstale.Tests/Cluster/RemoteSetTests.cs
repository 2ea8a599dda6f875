using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

public sealed class RemoteSetTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_set_is_one_record_and_both_levels_hold_the_value_as_of_it()
    {
        await using var cluster = new TestCluster();
        var source = new Source("old");
        await cluster.A.ReadAsync("k", source);
        await cluster.B.ReadAsync("k", source);
        await cluster.A.Cache.SetAsync("k", "new", tags: ["t"], cancellationToken: Stop);
        var sequence = Assert.Single(cluster.Server.Records).Sequence;
        Assert.Equal(sequence, cluster.Server.Read(d => d.Values["k"].Stamp));
        Assert.Equal(sequence, cluster.A.Cache.Inspect("k")!.Position.Sequence);
        Assert.True(cluster.A.Holds("k"));
        Assert.False(cluster.B.Holds("k"));
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source));
        await cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
    }

    [Fact]
    public async Task The_later_record_of_two_concurrent_sets_wins_on_all_nodes()
    {
        await using var cluster = new TestCluster();
        var hold = cluster.A.Faults.HoldNext(ServerScript.Set, afterwards: true);
        var first = cluster.A.Cache.SetAsync("k", "first", cancellationToken: Stop).AsTask();
        await hold.Reached;
        await cluster.B.Cache.SetAsync("k", "second", cancellationToken: Stop);
        hold.Release();
        await first;
        Assert.False(cluster.A.Holds("k"));
        foreach (var node in cluster.Nodes)
            Assert.Equal("second", (await node.ReadAsync("k", new Source("neither"))).Value);
    }

    [Fact]
    public async Task A_set_whose_reply_is_lost_only_invalidates()
    {
        await using var cluster = new TestCluster();
        var source = new Source("old");
        await cluster.A.ReadAsync("k", source);
        await cluster.B.ReadAsync("k", source);
        cluster.A.Faults.LosesReplies = s => s == ServerScript.Set;
        source.Value = "new";
        var set = cluster.A.Cache.SetAsync("k", "new", cancellationToken: Stop).AsTask();
        await Eventually.Holds("the set returns", () => set.IsCompleted, () => cluster.Advance(.1));
        await set;
        Assert.Equal(2, cluster.Server.Records.Count);
        Assert.Empty(cluster.Server.Read(d => d.Values));
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
        Assert.Equal(CacheOutcome.Load, (await cluster.A.ReadAsync("k", source)).Outcome);
        Assert.True(cluster.A.Log.Says("the second level failed"));
    }

    [Fact]
    public async Task A_set_without_a_reply_returns_at_its_deadline_and_is_in_force_locally()
    {
        await using var cluster = new TestCluster();
        var source = new Source("old");
        await cluster.A.ReadAsync("k", source);
        cluster.A.Faults.Ignores = s => s == ServerScript.Set;
        var set = cluster.A.Cache.SetAsync("k", "new", cancellationToken: Stop).AsTask();
        Assert.False(cluster.A.Holds("k"));
        cluster.Advance(1);
        await Eventually.Holds("the set returns at the deadline", () => set.IsCompleted);
        await set;
        source.Value = "new";
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Load), await cluster.A.ReadAsync("k", source));
    }

    [Fact]
    public async Task A_set_executed_late_on_an_abandoned_connection_stores_no_value()
    {
        await using var cluster = new TestCluster();
        var hold = cluster.A.Faults.HoldNext(ServerScript.Set);
        var set = cluster.A.Cache.SetAsync("k", "old", cancellationToken: Stop).AsTask();
        await hold.Reached;
        cluster.A.Session.Cut();
        cluster.A.Session.Reconnect();
        await Eventually.Holds("the set returns", () => set.IsCompleted, () => cluster.Advance(.1));
        await cluster.A.Cache.SetAsync("k", "new", cancellationToken: Stop);
        var records = cluster.Server.Records.Count;
        hold.Release();
        await Eventually.Holds("the abandoned set is executed", () => cluster.Server.Records.Count > records);
        Assert.DoesNotContain("old", cluster.Server.Read(d => d.Values.Values.Select(v => System.Text.Encoding.UTF8.GetString(v.Payload.Span)).ToArray()));
        Assert.NotEqual("old", (await cluster.B.ReadAsync("k", new Source("new"))).Value);
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("pattern")]
    [InlineData("everything")]
    public async Task A_set_behind_an_invalidation_that_this_node_has_not_received_only_invalidates(string by)
    {
        await using var cluster = new TestCluster();
        cluster.A.Faults.DropsPushes = true;
        if (by == "tag")
            await cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        else if (by == "pattern")
            await cluster.B.Invalidator.InvalidatePatternAsync(new GlobPattern("x*"), cancellationToken: Stop);
        else
            await cluster.B.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        await cluster.A.Cache.SetAsync("k", "v", tags: ["t"], cancellationToken: Stop);
        Assert.Empty(cluster.Server.Read(d => d.Values));
        Assert.False(cluster.A.Holds("k"));
    }

    [Fact]
    public async Task A_set_on_a_connection_that_was_not_greeted_yet_waits_as_an_invalidation()
    {
        await using var cluster = new TestCluster();
        cluster.A.Session.Cut();
        cluster.A.Faults.Ignores = s => s == ServerScript.Tail;
        cluster.A.Session.Reconnect();
        var set = cluster.A.Cache.SetAsync("k", "v", cancellationToken: Stop).AsTask();
        cluster.Advance(1);
        await Eventually.Holds("the set returns", () => set.IsCompleted);
        Assert.Empty(cluster.Server.Records);
        cluster.A.Faults.Clear();
        cluster.A.Session.Cut();
        cluster.A.Session.Reconnect();
        await Eventually.Holds("the record is appended", () => cluster.Server.Records.Count == 1);
        Assert.Empty(cluster.Server.Read(d => d.Values));
    }
}
