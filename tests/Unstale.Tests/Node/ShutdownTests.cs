using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>The end of a node with queued invalidations.</summary>
public sealed class ShutdownTests
{
    private const string Lost = "could not be appended before the process ended and are lost";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Outages => new()
    {
        { "refused", false }, { "refused", true }, { "never answered", false }, { "never answered", true }, { "cut", false }, { "cut", true },
    };

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task Queued_invalidations_are_appended_when_the_log_recovers_before_the_shutdown_timeout(string outage, bool blocking)
    {
        await using var cluster = await QueuedAsync(outage, 3);
        var end = await EndAsync(cluster, blocking);
        cluster.Advance(2);
        Assert.False(end.IsCompleted);
        cluster.A.Heal();
        await Eventually.Ends("the node ends", end, () => cluster.Advance(.01));
        Assert.Equal(["k0", "k1", "k2"], cluster.Server.Records.Select(r => r.Record.Targets[0].Text).Order(StringComparer.Ordinal));
        Assert.False(cluster.A.Log.Says(Lost));
        Assert.True(Seconds(cluster) < 4.5); // the end did not wait for the limit
    }

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task A_shutdown_ends_at_its_timeout_and_logs_the_number_of_lost_invalidations_once(string outage, bool blocking)
    {
        await using var cluster = await QueuedAsync(outage, 3);
        var end = await EndAsync(cluster, blocking);
        cluster.Advance(4.9);
        Assert.False(end.IsCompleted);
        Assert.False(cluster.A.Log.Says(Lost));
        cluster.Advance(.1);
        await Eventually.Ends("the node ends", end);
        Assert.Equal(1, cluster.A.Log.Times($"3 invalidations {Lost}; ShutdownTimeout is 00:00:05."));
        Assert.Equal(1, cluster.A.Log.Times(Lost));
    }

    [Fact]
    public async Task A_shutdown_also_waits_for_and_counts_records_of_a_lost_history_missing_in_the_new_one()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        cluster.Server.FailOver(loses: 1);
        var end = await EndAsync(cluster, blocking: false);
        cluster.Advance(4.9);
        Assert.False(end.IsCompleted);
        cluster.Advance(.1);
        await Eventually.Ends("the node ends", end);
        Assert.Equal(1, cluster.A.Log.Times($"1 invalidations {Lost}"));
    }

    [Fact]
    public async Task A_closed_node_sends_no_record_and_accepts_no_invalidation()
    {
        await using var cluster = await QueuedAsync("refused", 1);
        var end = await EndAsync(cluster, blocking: false);
        cluster.Advance(5);
        await Eventually.Ends("the node ends", end);
        var sent = 0;
        cluster.A.Faults.Refuses = _ => sent++ < 0;
        cluster.A.Session.Reconnect();
        cluster.Advance(30);
        var late = Assert.ThrowsAsync<ObjectDisposedException>(async () => await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop));
        var thrown = await Eventually.Ends("it is refused", late, () => cluster.Advance(.1));
        Assert.StartsWith("The log 'shared' was closed in this process and accepts no more invalidations.", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(0, sent);
        Assert.Empty(cluster.Server.Records);
    }

    [Theory]
    [InlineData("refused", false)]
    [InlineData("never answered", false)]
    [InlineData("cut", false)]
    [InlineData("cut", true)]
    public async Task A_shutdown_with_an_empty_queue_does_not_wait(string outage, bool blocking)
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.A.Break(outage);
        cluster.Advance(10);
        await Eventually.Ends("the node ends with the clock standing still", await EndAsync(cluster, blocking));
        Assert.False(cluster.A.Log.Says(Lost));
    }

    [Fact]
    public async Task A_session_that_does_not_end_is_waited_for_only_until_the_ShutdownTimeout()
    {
        await using var cluster = await QueuedAsync("cut", 1);
        var never = new TaskCompletionSource();
        cluster.A.Session.Ending = never.Task;
        var began = Seconds(cluster);
        var end = await EndAsync(cluster, blocking: false);
        cluster.Advance(3);
        cluster.A.Heal();
        await Eventually.Holds("the queue is drained", () => cluster.Server.Records.Count == 1, () => cluster.Advance(.01));
        await Eventually.Holds("the session is asked to end", () => !cluster.Server.Read(d => d.Members.ContainsKey(cluster.A.Session.Node)));
        Assert.False(end.IsCompleted);
        cluster.Advance(4.9 - (Seconds(cluster) - began));
        Assert.False(end.IsCompleted);
        await Eventually.Ends("the node ends", end, () => cluster.Advance(.01));
        Assert.InRange(Seconds(cluster) - began, 4.99, 5.2);
        never.SetResult();
    }

    [Fact]
    public async Task A_shutdown_with_a_zero_timeout_ends_at_once_and_logs_the_lost_invalidations()
    {
        await using var cluster = await QueuedAsync("cut", 2, o => o.ShutdownTimeout = TimeSpan.Zero);
        await Eventually.Ends("the node ends with the clock standing still", await EndAsync(cluster, blocking: false));
        Assert.Equal(1, cluster.A.Log.Times($"2 invalidations {Lost}"));
    }

    [Fact]
    public async Task Several_logs_are_waited_for_side_by_side()
    {
        await using var cluster = new TestCluster(0);
        var other = new InMemoryClient(new InMemoryServer(cluster.Clock), "other");
        var node = cluster.Add(more: s => s.AddCache("cart", other));
        var cart = node.CacheNamed("cart");
        node.Session.Cut();
        other.Session.Cut();
        var raised = Task.WhenAll(cart.RemoveAsync("k", Stop).AsTask(), node.Cache.RemoveAsync("k", Stop).AsTask());
        cluster.Advance(1);
        await Eventually.Ends("both are queued", raised);
        var end = await EndAsync(cluster, blocking: false, node);
        cluster.Advance(5);
        await Eventually.Ends("both end at the limit", end);
        Assert.Equal(2, node.Log.Times($"1 invalidations {Lost}"));
    }

    private static async Task<TestCluster> QueuedAsync(string outage, int count, Action<InvalidationLogOptions>? log = null)
    {
        var cluster = new TestCluster(1, log: log);
        cluster.A.Break(outage);
        var raised = Enumerable.Range(0, count).Select(i => cluster.A.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop).AsTask()).ToArray();
        cluster.Advance(1);
        Assert.All(await Eventually.Ends("all are queued", Task.WhenAll(raised)), r => Assert.Equal(ReceiptState.Queued, r.State));
        return cluster;
    }

    /// <summary>Disposes the services of a node. Returns once the disposal waits for the log or is over.</summary>
    private static async Task<Task> EndAsync(TestCluster cluster, bool blocking, ClusterNode? node = null)
    {
        node ??= cluster.A;
        if (!blocking)
            return node.DisposeAsync().AsTask();
        var timers = cluster.Clock.PendingTimers;
        var end = Task.Run(node.Dispose, Stop);
        await Eventually.Holds("the end waits", () => end.IsCompleted || cluster.Clock.PendingTimers > timers);
        return end;
    }

    private static double Seconds(TestCluster cluster) => (cluster.Clock.GetUtcNow() - cluster.Clock.Start).TotalSeconds;
}
