using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Waits of a node for its log: their ends and results.</summary>
public sealed class PositionEdgeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_confirmation_ends_with_a_tail_that_begins_after_the_given_ones()
    {
        await using var cluster = new TestCluster(1);
        var hold = cluster.A.Faults.HoldNext(ServerScript.Tail);
        var (first, second) = (Confirm(cluster), Confirm(cluster));
        await hold.Reached;
        Assert.False(first.IsCompleted || second.IsCompleted);
        hold.Release();
        await Eventually.Ends("both end with one tail", Task.WhenAll(first, second));
    }

    [Fact]
    public async Task A_confirmation_requests_no_second_tail_while_one_is_running()
    {
        await using var cluster = new TestCluster(1);
        var tails = 0;
        cluster.A.Faults.Refuses = s => s == ServerScript.Tail && tails++ < 0;
        var after = Begun(cluster);
        var hold = cluster.A.Faults.HoldNext(ServerScript.Tail);
        var first = Confirm(cluster, after);
        await hold.Reached;
        var second = Confirm(cluster, after);
        hold.Release();
        await Eventually.Ends("both end", Task.WhenAll(first, second));
        Assert.Equal(1, tails);
    }

    [Fact]
    public async Task A_confirmation_ends_when_its_own_tail_fails_and_not_with_an_earlier_failure()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Refuses = static s => s == ServerScript.Tail;
        await Eventually.Ends("its own tail fails", Confirm(cluster));
        cluster.A.Faults.Clear();
        var hold = cluster.A.Faults.HoldNext(ServerScript.Tail);
        var later = Confirm(cluster);
        await hold.Reached;
        Assert.False(later.IsCompleted);
        hold.Release();
        await Eventually.Ends("its tail is answered", later);
    }

    [Fact]
    public async Task A_confirmation_for_an_epoch_that_has_ended_ends_at_once()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Ignores = static s => s == ServerScript.Tail;
        Assert.True(cluster.A.Node.ConfirmAsync(Begun(cluster), cluster.A.Node.Horizon.View.Epoch - 1, Stop).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wait_for_a_confirmation_ends_at_its_limit_and_can_be_cancelled()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Ignores = static s => s == ServerScript.Tail;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var patient = Confirm(cluster);
        var givenUp = cluster.A.Node.ConfirmAsync(Begun(cluster), cluster.A.Node.Horizon.View.Epoch, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        cluster.Advance(.24);
        Assert.False(patient.IsCompleted);
        cluster.Advance(.01);
        await Eventually.Ends("the limit has passed", patient);
    }

    [Fact]
    public async Task The_wait_for_trust_ends_when_the_node_is_trusted_or_at_its_limit()
    {
        await using var cluster = new TestCluster(0);
        cluster.Server.Faults.Refuses = static _ => true;
        cluster.Add();
        var time = Unstale.Boundary.GuardedTime.Over(cluster.Clock);
        var impatient = cluster.A.Node.TrustedAsync(TimeSpan.FromSeconds(1), time, Stop);
        var patient = cluster.A.Node.TrustedAsync(TimeSpan.FromSeconds(100), time, Stop);
        Assert.True(cluster.A.Node.TrustedAsync(TimeSpan.Zero, time, Stop).IsCompletedSuccessfully);
        cluster.Advance(.9);
        Assert.False(impatient.IsCompleted);
        cluster.Advance(.1);
        await Eventually.Ends("a second has passed", impatient);
        Assert.False(patient.IsCompleted);
        cluster.Server.Faults.Clear();
        await Eventually.Ends("the node is trusted", patient, () => cluster.Advance(.1));
        Assert.True(cluster.A.IsTrusted);
        Assert.True(cluster.A.Node.TrustedAsync(TimeSpan.FromSeconds(1), time, Stop).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task An_untrusted_node_at_a_position_has_not_reached_the_position_yet()
    {
        await using var cluster = new TestCluster(1, withRemote: false);
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.A.Faults.Refuses = static s => s == ServerScript.Append;
        cluster.Server.FailOver(loses: 1);
        await Eventually.Holds("the node stands in the new generation", () => cluster.A.Position.Generation == cluster.Server.Generation);
        Assert.False(cluster.A.IsTrusted);
        Assert.Equal(PositionStatus.NotYet, await WaitAsync(cluster.A, cluster.A.Position, cluster));
    }

    [Fact]
    public async Task A_tail_that_fails_is_no_answer_while_the_node_is_trusted()
    {
        await using var cluster = await BehindAsync();
        var position = (await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).Position;
        cluster.B.Faults.Refuses = static s => s == ServerScript.Tail;
        var waiting = cluster.B.Cache.WaitForPositionAsync(position, TimeSpan.FromSeconds(3), Stop).AsTask();
        await Eventually.Holds("the tail has failed", () => cluster.B.Session.LastTail is { Confirms: false });
        Assert.False(waiting.IsCompleted);
        cluster.B.Faults.Refuses = static _ => false;
        Assert.Equal(PositionStatus.Reached, await Eventually.Ends("a later one is answered", waiting, () => cluster.Advance(.1)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_untrusted_node_waits_for_its_requested_tail(bool hasFailedBefore)
    {
        await using var cluster = await BehindAsync();
        var position = (await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).Position;
        if (hasFailedBefore)
            cluster.B.Faults.Refuses = static s => s == ServerScript.Tail;
        else
            cluster.B.Faults.HoldNext(ServerScript.Tail);
        cluster.Advance(6);
        Assert.False(cluster.B.IsTrusted);
        cluster.B.Faults.Refuses = static _ => false;
        var hold = hasFailedBefore ? cluster.B.Faults.HoldNext(ServerScript.Tail) : null;
        var waiting = cluster.B.Cache.WaitForPositionAsync(position, TimeSpan.FromSeconds(3), Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        if (hold is null)
            return;
        await hold.Reached;
        hold.Release();
        Assert.Equal(PositionStatus.Reached, await Eventually.Ends("the tail is answered", waiting));
    }

    [Fact]
    public async Task A_position_of_a_younger_history_is_unknown_however_long_this_one_lasts()
    {
        await using var cluster = new TestCluster(1);
        cluster.Advance(100);
        var here = cluster.A.Position.Generation.Number;
        Assert.Equal(PositionStatus.Reached, await WaitAsync(cluster.A, new LogPosition(0, Generation.Create(after: here - 1), 1), cluster));
        Assert.Equal(PositionStatus.Unknown, await WaitAsync(cluster.A, new LogPosition(0, Generation.Create(after: here), 1), cluster));
    }

    [Fact]
    public async Task A_wait_for_all_nodes_that_the_caller_gave_up_is_cancelled_also_when_the_log_was_closed()
    {
        var cluster = new TestCluster();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await cluster.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receipt.WaitForAllNodesAsync(new CancellationToken(true)).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receipt.WaitForAllNodesAsync(Stop).AsTask());
    }

    private static Task Confirm(TestCluster cluster, long? after = null) =>
        cluster.A.Node.ConfirmAsync(after ?? Begun(cluster), cluster.A.Node.Horizon.View.Epoch, Stop);

    private static long Begun(TestCluster cluster)
    {
        lock (cluster.A.Node.Horizon.Gate)
            return cluster.A.Node.Horizon.TailsBegun;
    }

    private static Task<PositionStatus> WaitAsync(ClusterNode node, LogPosition position, TestCluster cluster) => Eventually.Ends(
        "the wait ends", node.Cache.WaitForPositionAsync(position, TimeSpan.FromMilliseconds(50), Stop).AsTask(), () => cluster.Advance(.01));

    /// <summary>Creates a cluster in which B receives records only by its own requests.</summary>
    private static async Task<TestCluster> BehindAsync()
    {
        var cluster = new TestCluster();
        await cluster.A.Invalidator.InvalidateKeyAsync("before", cancellationToken: Stop);
        cluster.B.Faults.DropsPushes = true;
        return cluster;
    }
}
