using Unstale.Log;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Breaks in the history of the log.</summary>
public sealed class GenerationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_restarted_without_its_data_makes_every_node_drop_every_entry()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        foreach (var node in cluster.Nodes)
            await node.ReadAsync("k", source);
        var before = cluster.Server.Generation;
        cluster.Server.RestartWithoutData();
        await AllAreTrustedAsync(cluster);
        Assert.NotEqual(before, cluster.Server.Generation);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
        Assert.All(cluster.Nodes, n => Assert.True(n.Log.Says("the history was broken. The partition was reset: all its cached values were removed.")));
        Assert.Equal(CacheOutcome.Load, (await cluster.A.ReadAsync("k", source)).Outcome);
        Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync("k", source)).Outcome);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Records_that_a_failover_lost_are_appended_again(int lost)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        foreach (var key in new[] { "x0", "x1", "k" })
            await cluster.A.Invalidator.InvalidateKeyAsync(key, cancellationToken: Stop);
        source.Value = "v2";
        cluster.Server.FailOver(lost);
        await AllAreTrustedAsync(cluster);
        Assert.Equal(["k", "x0", "x1"], Keys(cluster).Order(StringComparer.Ordinal));
        foreach (var node in cluster.Nodes)
            Assert.Equal("v2", (await node.ReadAsync("k", source)).Value);
    }

    [Fact]
    public async Task A_value_of_the_old_generation_in_the_second_level_is_never_read_again()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        cluster.Server.FailOver(loses: 0);
        await AllAreTrustedAsync(cluster);
        Assert.True(cluster.Server.Read(d => d.Values.ContainsKey("k")));
        Assert.Equal(CacheOutcome.Load, (await cluster.B.ReadAsync("k", source)).Outcome);
    }

    [Fact]
    public async Task A_node_is_not_trusted_before_its_own_records_are_in_the_new_generation()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Invalidator.InvalidateKeyAsync("x", cancellationToken: Stop);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        cluster.Server.FailOver(loses: 1);
        await Eventually.Holds("the new generation is adopted", () => cluster.A.Position.Generation == cluster.Server.Generation);
        await cluster.A.ReadAsync("k", new Source());
        Assert.False(cluster.A.IsTrusted);
        Assert.False(cluster.A.Holds("k"));
        Assert.Empty(cluster.Server.Records);
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        await AllAreTrustedAsync(cluster);
        Assert.Equal(["x"], Keys(cluster));
        await cluster.A.ReadAsync("k", new Source());
        Assert.True(cluster.A.Holds("k"));
    }

    [Fact]
    public async Task Records_older_than_the_replay_window_are_not_appended_again()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Invalidator.InvalidateKeyAsync("old", cancellationToken: Stop);
        cluster.Advance(40);
        await cluster.A.Invalidator.InvalidateKeyAsync("young", cancellationToken: Stop);
        cluster.Advance(30);
        cluster.Server.RestartWithoutData();
        await AllAreTrustedAsync(cluster);
        Assert.Equal(["young"], Keys(cluster));
    }

    [Fact]
    public async Task The_replay_window_counts_from_the_acknowledgement()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        cluster.Advance(70);
        Assert.Equal(ReceiptState.Queued, (await Eventually.Ends("the invalidation returns", invalidation)).State);
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        Assert.Equal(["k"], Keys(cluster));
        cluster.Server.FailOver(loses: 1);
        await AllAreTrustedAsync(cluster);
        Assert.Equal(["k"], Keys(cluster));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_history_that_went_back_under_the_same_generation_is_left_for_a_new_one(int appendedSince)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        for (var i = 0; i < 2; i++)
            await cluster.A.Invalidator.InvalidateKeyAsync($"x{i}", cancellationToken: Stop);
        foreach (var node in cluster.Nodes)
            await node.ReadAsync("k", source);
        cluster.Server.Faults.Refuses = s => s == ServerScript.Tail;
        var before = cluster.Server.Generation;
        cluster.Server.Fork(loses: 2);
        cluster.Server.Faults.DropsPushes = true;
        for (var i = 0; i < appendedSince; i++)
            cluster.Server.Append(InvalidationTarget.ForKey(i == 0 ? "k" : "y"));
        source.Value = "v2";
        cluster.Server.Faults.Clear();
        cluster.Advance(1);
        await AllAreTrustedAsync(cluster);
        Assert.NotEqual(before, cluster.Server.Generation);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
        foreach (var node in cluster.Nodes)
            Assert.Equal("v2", (await node.ReadAsync("k", source)).Value);
    }

    [Fact]
    public async Task A_load_that_began_before_the_break_is_not_kept()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        source.Hold();
        var read = cluster.A.ReadAsync("k", source).AsTask();
        await source.Started;
        cluster.Server.RestartWithoutData();
        await AllAreTrustedAsync(cluster);
        source.LetGo();
        await Eventually.Ends("the load ends", read);
        Assert.False(cluster.A.Holds("k"));
        Assert.Empty(cluster.Server.Read(d => d.Values));
    }

    [Fact]
    public async Task An_invalidation_under_way_when_the_history_breaks_ends_up_in_the_new_one()
    {
        await using var cluster = new TestCluster();
        var hold = cluster.A.Faults.HoldNext(ServerScript.Append, afterwards: true);
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        await hold.Reached;
        cluster.Server.FailOver(loses: 1);
        var receipt = await Eventually.Ends("the invalidation returns", invalidation, () => cluster.Advance(.1));
        await Eventually.Holds("it is applied", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.1));
        Assert.Equal(cluster.Server.Generation, receipt.Position.Generation);
        Assert.Equal(["k"], Keys(cluster));
        hold.Release();
    }

    private static IEnumerable<string> Keys(TestCluster cluster) => cluster.Server.Records.Select(r => r.Record.Targets[0].Text);

    private static Task AllAreTrustedAsync(TestCluster cluster) => Eventually.Holds(
        "every node is trusted in the server's generation",
        () => cluster.Nodes.All(n => n.IsTrusted && n.Position.Generation == cluster.Server.Generation));
}
