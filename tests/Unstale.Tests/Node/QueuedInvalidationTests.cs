using Microsoft.Extensions.Time.Testing;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Telemetry;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Invalidations while the log is unavailable.</summary>
public sealed class QueuedInvalidationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var outage in new[] { "refused", "never answered", "cut", "reply lost" })
            {
                foreach (var by in new[] { "key", "tag", "glob", "everything" })
                    cases.Add(outage, by);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_invalidation_during_an_outage_is_local_at_once_queued_at_the_timeout_and_applied_later(string outage, string by)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        foreach (var node in cluster.Nodes)
            await node.ReadAsync("k", source, tags: "t");
        cluster.A.Break(outage);
        source.Value = "v2";
        var invalidation = InvalidateAsync(cluster.A, by).AsTask();
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.A.ReadAsync("k", source, tags: "t"));
        Assert.False(cluster.A.Holds("k"));
        cluster.Advance(.99);
        Assert.False(invalidation.IsCompleted);
        cluster.Advance(.01);
        var receipt = await Eventually.Ends("the invalidation returns at the deadline", invalidation);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.Throws<InvalidOperationException>(() => receipt.Position);
        cluster.A.Heal();
        cluster.Advance(1);
        await Eventually.Holds("the receipt turns applied", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.1));
        Assert.Equal(cluster.Server.Sequence, receipt.Position.Sequence);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
        foreach (var node in cluster.Nodes)
            Assert.Equal("v2", (await node.ReadAsync("k", source, tags: "t")).Value);
        Assert.True(cluster.A.Holds("k"));
    }

    [Fact]
    public async Task A_cancelled_token_ends_the_wait_and_not_the_invalidation()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source());
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        using var leaves = new CancellationTokenSource();
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: leaves.Token).AsTask();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => invalidation);
        Assert.False(cluster.A.Holds("k"));
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        Assert.Equal("k", Assert.Single(cluster.Server.Records).Record.Targets[0].Text);
    }

    [Fact]
    public async Task A_log_that_can_be_reached_again_is_logged_once()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Refuses = s => s == ServerScript.Tail;
        cluster.Advance(3);
        Assert.Equal(0, cluster.A.Log.Times("reachable again"));
        cluster.A.Faults.Clear();
        cluster.Advance(3);
        Assert.Equal(1, cluster.A.Log.Times("reachable again"));
    }

    [Fact]
    public async Task The_sweep_of_a_receipt_is_counted_after_the_append()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.ReadAsync("k1", new Source(), tags: "t");
        await cluster.A.ReadAsync("k2", new Source(), tags: "t");
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        var invalidation = cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop).AsTask();
        cluster.Advance(1);
        var receipt = await Eventually.Ends("the invalidation returns", invalidation);
        var swept = receipt.WaitForReclaimAsync(Stop).AsTask();
        cluster.A.Faults.Clear();
        Assert.Equal(2, await Eventually.Ends("the sweep ends", swept, () => cluster.Advance(.2)));
    }

    [Fact]
    public async Task More_than_the_queue_holds_collapse_to_one_everything()
    {
        var clock = new FakeTimeProvider();
        var server = new InMemoryServer(clock);
        var client = new InMemoryClient(server);
        var settings = new NodeSettings(new HorizonSettings { RetryCapacity = 3 });
        using var metrics = new LogMetrics(null, client.Name);
        await using var node = new LogNode(
            client, new RecordOrigin("a", "test"), settings, new MonotonicClock(clock), GuardedLogger.None, metrics);
        client.Faults.Refuses = s => s == ServerScript.Append;
        var raised = Enumerable.Range(0, 5)
            .Select(i => node.RaiseAsync(node.NewRecord(InvalidationTarget.ForKey($"k{i}"), null), Stop).AsTask()).ToArray();
        clock.Advance(TimeSpan.FromSeconds(1));
        var operations = await Eventually.Ends("all return at the deadline", Task.WhenAll(raised));
        Assert.All(operations, o => Assert.False(o.IsApplied));
        Assert.Equal(long.MaxValue, node.Horizon.View.Floor);
        client.Faults.Clear();
        clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Holds("all are applied", () => operations.All(o => o.IsApplied));
        Assert.Contains(server.Records, r => r.Record.Targets[0].Kind == TargetKind.Everything);
        Assert.InRange(server.Records.Count, 1, 3);
        Assert.NotEqual(long.MaxValue, node.Horizon.View.Floor);
    }

    private static ValueTask<InvalidationReceipt> InvalidateAsync(ClusterNode node, string by) => by switch
    {
        "key" => node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop),
        "tag" => node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop),
        "glob" => node.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: Stop),
        _ => node.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop),
    };
}
