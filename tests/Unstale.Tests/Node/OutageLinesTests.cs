using Microsoft.Extensions.Logging;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Log lines of an outage: one for each fact, regardless of duration and retries.</summary>
public sealed class OutageLinesTests
{
    private const string NotTrusted = "Log shared: this node has not been confirmed for";
    private const string TrustedAgain = "Log shared: this node is confirmed and trusted again.";
    private const string TailFailed = "Log shared: following the log failed and is tried again.";
    private const string Queued = "Log shared: invalidations could not be appended and are queued";
    private const string Reachable = "Log shared: reachable again.";
    private const string RemoteFailed = "Cache shop: the second level failed. This counts as a miss.";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_refuses_everything_is_logged_once_and_its_return_once()
    {
        await using var cluster = new TestCluster(1);
        for (var outage = 1; outage < 4; outage++)
        {
            cluster.A.Faults.Refuses = _ => true;
            await UseAsync(cluster, seconds: 90);
            Assert.Equal((outage, outage, outage, outage - 1, outage - 1), Times(cluster.A));
            cluster.A.Faults.Clear();
            await UseAsync(cluster, seconds: 90);
            Assert.Equal((outage, outage, outage, outage, outage), Times(cluster.A));
        }

        Assert.Equal(3, cluster.A.Log.Texts(LogLevel.Warning).Count(l => l == RemoteFailed));
    }

    [Fact]
    public async Task A_loss_of_trust_is_logged_after_the_bound_with_the_elapsed_time_and_the_StalenessBound()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Session.Cut();
        cluster.Advance(4.9);
        Assert.False(cluster.A.Log.Says(NotTrusted));
        cluster.Advance(1.1);
        var line = Assert.Single(cluster.A.Log.Texts(LogLevel.Warning), l => l.StartsWith(NotTrusted, StringComparison.Ordinal));
        Assert.Matches(@"for (5\.\d|6\.0) s; StalenessBound is 00:00:05\. Cached values are not trusted until the log confirms this node\.$", line);
    }

    [Fact]
    public async Task A_short_outage_keeps_the_trust_and_logs_no_loss_of_it()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Session.Cut();
        cluster.Advance(4);
        cluster.A.Session.Reconnect();
        cluster.Advance(10);
        Assert.Empty(cluster.A.Log.Texts(LogLevel.Information));
    }

    [Fact]
    public async Task Intermittent_append_failures_are_logged_once()
    {
        await using var cluster = new TestCluster(1, withRemote: false);
        var refused = 0;
        cluster.A.Faults.Refuses = s => s == ServerScript.Append && refused++ % 3 != 2;
        for (var i = 0; i < 30; i++)
        {
            _ = cluster.A.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop).AsTask();
            cluster.Advance(.02);
        }

        cluster.A.Faults.Clear();
        cluster.Advance(2);
        Assert.Equal(0, cluster.A.Cache.GetLogState().Queued);
        Assert.Equal((1, 1), (cluster.A.Log.Times(Queued), cluster.A.Log.Times(Reachable)));
    }

    [Fact]
    public async Task A_new_generation_that_cannot_be_made_is_logged_once()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Refuses = s => s == ServerScript.Create;
        cluster.Server.RestartWithoutData();
        cluster.Advance(60);
        Assert.Equal((1, 0), (cluster.A.Log.Times(TailFailed), cluster.A.Log.Times(Reachable)));
        cluster.A.Faults.Clear();
        cluster.Advance(2);
        await Eventually.Holds("the node is trusted", () => cluster.A.IsTrusted);
        Assert.Equal((1, 1), (cluster.A.Log.Times(TailFailed), cluster.A.Log.Times(Reachable)));
    }

    [Fact]
    public async Task A_node_that_cannot_append_its_records_to_a_new_history_logs_its_loss_of_trust()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        cluster.Server.FailOver(loses: 1);
        cluster.Advance(60);
        Assert.Equal((1, 0), (cluster.A.Log.Times(NotTrusted), cluster.A.Log.Times(TrustedAgain)));
        cluster.A.Faults.Clear();
        cluster.Advance(3);
        Assert.Equal((1, 1), (cluster.A.Log.Times(NotTrusted), cluster.A.Log.Times(TrustedAgain)));
    }

    [Fact]
    public async Task An_intermittently_failing_second_level_is_logged_as_a_warning_again_after_a_quiet_minute()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Refuses = s => s == ServerScript.Get;
        for (var i = 0; i < 50; i++)
        {
            await cluster.A.ReadAsync($"k{i}", new Source());
            cluster.Advance(50);
        }

        Assert.Equal(1, cluster.A.Log.Texts(LogLevel.Warning).Count(l => l == RemoteFailed));
        Assert.Equal(50, cluster.A.Log.Times(RemoteFailed));
        cluster.Advance(60);
        await cluster.A.ReadAsync("once more", new Source());
        Assert.Equal(2, cluster.A.Log.Texts(LogLevel.Warning).Count(l => l == RemoteFailed));
    }

    private static async Task UseAsync(TestCluster cluster, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _ = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
            await cluster.A.ReadAsync($"k{cluster.Clock.GetTimestamp()}", new Source());
            cluster.Advance(1);
        }
    }

    private static (int NotTrusted, int TailFailed, int Queued, int TrustedAgain, int Reachable) Times(ClusterNode node) =>
        (node.Log.Times(NotTrusted), node.Log.Times(TailFailed), node.Log.Times(Queued), node.Log.Times(TrustedAgain), node.Log.Times(Reachable));
}
