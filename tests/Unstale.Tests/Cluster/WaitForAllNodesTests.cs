using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Waits until no node serves an invalidated value.</summary>
public sealed class WaitForAllNodesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitForAllNodes_completes_at_once_while_all_nodes_answer()
    {
        await using var cluster = Settled(new TestCluster(3));
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var asked = cluster.Server.Asked;
        await Eventually.Ends("every node has applied it", receipt.WaitForAllNodesAsync(Stop).AsTask());
        Assert.Equal(2, cluster.Server.Asked - asked);
        Assert.All(cluster.Nodes, n => Assert.Equal(receipt.Position, n.Position));
    }

    [Fact]
    public async Task WaitForAllNodes_waits_for_a_node_with_a_slow_confirmation()
    {
        await using var cluster = Settled(new TestCluster());
        cluster.B.Faults.DropsPushes = true;
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail);
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        await AskedOftenAsync(cluster);
        Assert.False(everywhere.IsCompleted);
        hold.Release();
        Assert.InRange(await SecondsAsync(cluster, everywhere), 0, 4);
        Assert.Equal(receipt.Position, cluster.B.Position);
    }

    [Fact]
    public async Task A_dead_node_is_waited_for_only_once_and_for_as_long_as_it_may_serve()
    {
        await using var cluster = Settled(new TestCluster());
        await cluster.B.ReadAsync("k", new Source());
        cluster.B.Faults.Refuses = _ => true;
        cluster.B.Faults.DropsPushes = true;
        var first = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.InRange(await SecondsAsync(cluster, first.WaitForAllNodesAsync(Stop).AsTask()), 5.05, 5.4);
        Assert.False(cluster.B.Holds("k"));
        var second = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.InRange(await SecondsAsync(cluster, second.WaitForAllNodesAsync(Stop).AsTask()), 0, .4);
    }

    [Fact]
    public async Task WaitForAllNodes_adds_the_FailoverGracePeriod_for_a_deposed_server()
    {
        await using var cluster = Settled(new TestCluster(2, log: o => o.FailoverGracePeriod = TimeSpan.FromSeconds(3)), seconds: 9);
        cluster.B.Faults.Refuses = _ => true;
        cluster.B.Faults.DropsPushes = true;
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.InRange(await SecondsAsync(cluster, receipt.WaitForAllNodesAsync(Stop).AsTask()), 8.05, 8.4);
    }

    [Fact]
    public async Task A_node_that_has_left_is_not_waited_for()
    {
        await using var cluster = Settled(new TestCluster());
        cluster.B.Faults.DropsPushes = true;
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail);
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        await AskedOftenAsync(cluster);
        Assert.False(everywhere.IsCompleted);
        await cluster.B.DisposeAsync();
        Assert.InRange(await SecondsAsync(cluster, everywhere), 0, 1);
        hold.Release();
    }

    [Fact]
    public async Task A_new_node_waits_for_nodes_that_may_still_follow_an_older_history()
    {
        await using var cluster = new TestCluster();
        cluster.Advance(2);
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.InRange(await SecondsAsync(cluster, receipt.WaitForAllNodesAsync(Stop).AsTask()), 3.05, 3.4);
    }

    [Fact]
    public async Task A_node_missing_from_the_list_of_a_new_history_is_waited_for()
    {
        await using var cluster = Settled(new TestCluster());
        await cluster.B.ReadAsync("k", new Source());
        cluster.B.Faults.Refuses = _ => true;
        cluster.B.Faults.DropsPushes = true;
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var before = receipt.Position.Generation;
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        await AskedOftenAsync(cluster);
        cluster.Server.FailOver(loses: 1);
        await Eventually.Holds("it is in the new history", () => receipt.Position.Generation != before && cluster.A.IsTrusted, () => cluster.Advance(.001));
        Assert.True(cluster.B.Holds("k"));
        Assert.InRange(await SecondsAsync(cluster, everywhere), 5, 5.5);
        Assert.False(cluster.B.Holds("k"));
    }

    [Fact]
    public async Task A_record_lost_with_the_old_history_is_applied_everywhere_once_every_node_follows_the_new_history()
    {
        await using var cluster = Settled(new TestCluster());
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.Advance(61);
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("both stand in the new history", () => cluster.Nodes.All(n => n.IsTrusted && n.Position.Generation == cluster.Server.Generation));
        Assert.NotEqual(cluster.Server.Generation, receipt.Position.Generation);
        Assert.InRange(await SecondsAsync(cluster, receipt.WaitForAllNodesAsync(Stop).AsTask()), 5, 5.4);
    }

    [Fact]
    public async Task A_queued_invalidation_is_waited_for()
    {
        await using var cluster = Settled(new TestCluster());
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        var receipt = await Eventually.Ends("it is queued", invalidation, () => cluster.Advance(.2));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        var asked = cluster.Server.Asked;
        cluster.Advance(3);
        Assert.False(everywhere.IsCompleted);
        Assert.Equal(asked, cluster.Server.Asked);
        cluster.A.Faults.Clear();
        await SecondsAsync(cluster, everywhere);
        Assert.Equal(receipt.Position, cluster.B.Position);
    }

    [Theory]
    [InlineData(ServerScript.Append)]
    [InlineData(ServerScript.Members)]
    [InlineData(ServerScript.Tail)]
    public async Task WaitForAllNodes_can_be_cancelled_at_any_time(ServerScript unanswered)
    {
        await using var cluster = Settled(new TestCluster());
        cluster.A.Faults.Ignores = s => s == unanswered;
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        var receipt = await Eventually.Ends("the call returns", invalidation, () => cluster.Advance(.2));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var everywhere = receipt.WaitForAllNodesAsync(stop.Token).AsTask();
        cluster.Advance(1);
        Assert.False(everywhere.IsCompleted);
        await stop.CancelAsync();
        await Eventually.Holds("it has ended", () => everywhere.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => everywhere);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receipt.WaitForAllNodesAsync(new CancellationToken(canceled: true)).AsTask());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WaitForAllNodes_requests_the_list_of_nodes_again_after_a_failure(bool silently)
    {
        await using var cluster = Settled(new TestCluster());
        if (silently)
            cluster.A.Faults.Ignores = static s => s == ServerScript.Members;
        else
            cluster.A.Faults.Refuses = static s => s == ServerScript.Members;
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        for (var i = 0; i < 20; i++)
            cluster.Advance(.5);
        Assert.False(everywhere.IsCompleted);
        cluster.A.Faults.Clear();
        await SecondsAsync(cluster, everywhere);
    }

    [Fact]
    public async Task An_event_of_several_records_is_applied_everywhere_when_all_of_them_are()
    {
        await using var cluster = Settled(new TestCluster());
        var keys = Enumerable.Range(0, 1_200).Select(i => $"k{i}").ToArray();
        await cluster.B.ReadAsync(keys[0], new Source());
        cluster.B.Faults.DropsPushes = true;
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail);
        var receipt = await cluster.A.Invalidator.InvalidateAsync(keys, cancellationToken: Stop);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        await AskedOftenAsync(cluster);
        Assert.False(everywhere.IsCompleted);
        Assert.True(cluster.B.Holds(keys[0]));
        hold.Release();
        await SecondsAsync(cluster, everywhere);
        Assert.Equal((3, 3), (receipt.Position.Sequence, cluster.B.Position.Sequence));
        Assert.False(cluster.B.Holds(keys[0]));
    }

    [Fact]
    public async Task WaitForAllNodes_completes_at_once_for_a_log_of_one_process()
    {
        await using var test = new CacheUnderTest();
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.True(receipt.WaitForAllNodesAsync(Stop).AsTask().IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(ServerScript.Append)]
    [InlineData(ServerScript.Members)]
    public async Task WaitForAllNodes_throws_when_the_node_is_closed(ServerScript refused)
    {
        await using var cluster = Settled(new TestCluster(1));
        cluster.A.Faults.Refuses = s => s == refused;
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        var receipt = await Eventually.Ends("the call returns", invalidation, () => cluster.Advance(.2));
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        var closing = cluster.A.DisposeAsync().AsTask();
        await Eventually.Holds("the node is closed", () => closing.IsCompleted && everywhere.IsCompleted, () => cluster.Advance(.2));
        const string Message = "The log 'shared' was closed in this process before every node had applied the invalidation. Wait for the receipt before the services are disposed.";
        foreach (var wait in new[] { everywhere, receipt.WaitForAllNodesAsync(Stop).AsTask() })
            Assert.StartsWith(Message, (await Assert.ThrowsAsync<ObjectDisposedException>(() => wait)).Message, StringComparison.Ordinal);
    }

    private static TestCluster Settled(TestCluster cluster, double seconds = 6)
    {
        cluster.Advance(seconds);
        return cluster;
    }

    private static Task AskedOftenAsync(TestCluster cluster)
    {
        var asked = cluster.Server.Asked;
        return Eventually.Holds("the list was asked for again and again", () => cluster.Server.Asked >= asked + 4, () => cluster.Advance(.002));
    }

    /// <summary>Returns the duration of the task in seconds of the cluster's clock.</summary>
    private static async Task<double> SecondsAsync(TestCluster cluster, Task task)
    {
        var clock = new MonotonicClock(cluster.Clock);
        var began = clock.Now;
        await Eventually.Holds("every node has applied it", () => task.IsCompleted, () => cluster.Advance(.05));
        await task;
        return (clock.Now - began) / 1000.0;
    }
}
