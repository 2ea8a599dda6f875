using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>An unavailable log: results for callers, retries, and the end of the process.</summary>
public sealed class LogUnavailableTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways => ["InvalidateAsync", "RemoveAsync", "RemoveByTagAsync", "SetAsync", "in parts"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task With_WhenUnavailable_Throw_a_call_throws_and_its_invalidation_stays_queued(string way)
    {
        await using var cluster = new TestCluster(2, log: Throws);
        var source = new Source();
        foreach (var node in cluster.Nodes)
            await node.ReadAsync("k", source, tags: "t");
        cluster.A.Faults.Refuses = s => s is ServerScript.Append or ServerScript.Set;
        source.Value = "v2";
        var raised = InvalidateAsync(cluster.A, way);
        var refused = await Eventually.Ends("it throws", Assert.ThrowsAsync<InvalidationLogUnavailableException>(() => raised), () => cluster.Advance(.1));
        Assert.Equal(
            "The log 'shared' has not accepted the invalidation within 00:00:00.5000000 (AppendTimeout), and WhenUnavailable is Throw. "
            + "The invalidation is in force on this node and stays queued until the log is reachable: do not repeat the call. The receipt of this exception reports when the invalidation is applied.",
            refused.Message);
        Assert.Equal(ReceiptState.Queued, refused.Receipt.State);
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
        Assert.Empty(cluster.Server.Records);
        cluster.A.Faults.Clear();
        await Eventually.Holds("it is applied", () => refused.Receipt.State == ReceiptState.Applied, () => cluster.Advance(.1));
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "t")).Value);
    }

    [Fact]
    public async Task A_call_waits_for_the_log_until_the_configured_timeout()
    {
        await using var cluster = new TestCluster(1, log: o => o.AppendTimeout = TimeSpan.FromSeconds(3));
        cluster.A.Faults.Ignores = _ => true;
        var raised = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        cluster.Advance(2.9);
        Assert.False(raised.IsCompleted);
        cluster.Advance(.1);
        Assert.Equal(ReceiptState.Queued, (await Eventually.Ends("the wait ends", raised)).State);
    }

    [Fact]
    public async Task The_queue_holds_up_to_its_configured_capacity_and_then_one_record_of_everything()
    {
        await using var cluster = new TestCluster(1, log: o => o.QueueCapacity = 3);
        await cluster.A.ReadAsync("other", new Source());
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        var raised = Enumerable.Range(0, 3).Select(i => RaiseAsync(i)).ToList();
        Assert.True(cluster.A.Holds("other"));
        raised.Add(RaiseAsync(3));
        Assert.False(cluster.A.Holds("other"));
        Assert.Equal(4, cluster.A.Cache.GetLogState().Queued);
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        Assert.All(await Eventually.Ends("all return", Task.WhenAll(raised)), r => Assert.Equal(ReceiptState.Applied, r.State));
        Assert.Equal(TargetKind.Everything, Assert.Single(cluster.Server.Records).Record.Targets[0].Kind);
        Assert.Equal(0, cluster.A.Cache.GetLogState().Queued);

        Task<InvalidationReceipt> RaiseAsync(int i) => cluster.A.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop).AsTask();
    }

    [Fact]
    public async Task An_append_that_fails_right_after_a_reconnect_is_tried_again_long_before_the_next_heartbeat()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Session.Cut();
        var raised = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        cluster.Advance(.3);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        cluster.A.Session.Reconnect();
        Assert.True(cluster.A.Cache.GetLogState().IsConnected);
        cluster.A.Faults.Clear();
        Assert.Empty(cluster.Server.Records);
        cluster.Advance(.05);
        Assert.Equal(ReceiptState.Applied, (await Eventually.Ends("the invalidation returns", raised)).State);
    }

    [Fact]
    public async Task A_log_that_refuses_appends_receives_few_retries_and_the_failure_is_logged_once()
    {
        await using var cluster = new TestCluster(1);
        var tries = 0;
        cluster.A.Faults.Refuses = s => s == ServerScript.Append && Interlocked.Increment(ref tries) > 0;
        var raised = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        cluster.Advance(60);

        // At most one try per heartbeat, one between two heartbeats, and the few soon after the first.
        Assert.InRange(tries, 60, 150);
        Assert.Equal(1, cluster.A.Log.Times("invalidations could not be appended and are queued, 1 so far"));
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        await Eventually.Ends("the invalidation returns", raised);
        Assert.Single(cluster.Server.Records);
    }

    [Fact]
    public async Task A_shutdown_waits_for_records_lost_in_a_failover()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        cluster.Server.FailOver(loses: 1);
        await Eventually.Holds("the new generation is adopted", () => cluster.A.Position.Generation == cluster.Server.Generation);
        var end = cluster.A.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        await Eventually.Ends("the node ends", end);
        Assert.Equal("k", Assert.Single(cluster.Server.Records).Record.Targets[0].Text);
    }

    [Fact]
    public async Task A_container_disposed_synchronously_ends_within_the_ShutdownTimeout()
    {
        var services = new ServiceCollection().AddUnstale().Services
            .AddInvalidationLog(o => o.ShutdownTimeout = o.AppendTimeout = TimeSpan.FromMilliseconds(20)).AddKeyedSingleton<IInvalidationLog>("default", new SilentLog()).BuildServiceProvider();
        var receipt = await services.GetRequiredService<IInvalidator>().InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        await Eventually.Ends("the container ends", Task.Run(services.Dispose, Stop));
    }

    private static void Throws(InvalidationLogOptions options) =>
        (options.WhenUnavailable, options.AppendTimeout) = (LogUnavailableBehavior.Throw, TimeSpan.FromSeconds(.5));

    private static async Task InvalidateAsync(ClusterNode node, string way)
    {
        if (way == "InvalidateAsync")
            await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        else if (way == "RemoveAsync")
            await node.Cache.RemoveAsync("k", Stop);
        else if (way == "RemoveByTagAsync")
            await node.Cache.RemoveByTagAsync("t", Stop);
        else if (way == "SetAsync")
            await node.Cache.SetAsync("k", "set", cancellationToken: Stop);
        else
            await node.Invalidator.InvalidateAsync(Enumerable.Range(0, 600).Select(i => $"x{i}").Append("k"), cancellationToken: Stop);
    }
}
