using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Times of retries.</summary>
public sealed class AppendRetryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_invalidation_is_retried_soon_and_then_at_growing_intervals()
    {
        await using var cluster = new TestCluster(1);
        var attempts = Refuse(cluster, ServerScript.Append);
        _ = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        Assert.Single(attempts);
        cluster.Advance(.05);
        Assert.Equal(2, attempts.Count);
        cluster.Advance(9.95);
        Assert.InRange(attempts.Count, 10, 35); // a heartbeat retries too
        Assert.All(attempts.Zip(attempts.Skip(1)), a => Assert.InRange(a.Second - a.First, 0, 1));
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        Assert.Equal("k", Assert.Single(cluster.Server.Records).Record.Targets[0].Text);
    }

    [Fact]
    public async Task An_append_in_flight_is_not_sent_a_second_time()
    {
        await using var cluster = new TestCluster(1);
        var first = cluster.A.Faults.HoldNext(ServerScript.Append);
        var attempts = new List<double>();
        cluster.A.Faults.Refuses = s => s == ServerScript.Append && Note(cluster, attempts, refuse: false);
        _ = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        await first.Reached;
        cluster.Advance(10);
        Assert.Single(attempts);
        first.Release();
        await Eventually.Holds("the log has it", () => cluster.Server.Records.Count == 1);
        cluster.Advance(10);
        Assert.Single(cluster.Server.Records);
    }

    [Theory]
    [InlineData(ServerScript.Append)]
    [InlineData(ServerScript.Tail)]
    public async Task An_append_that_fails_right_after_a_reconnect_is_retried_before_the_heartbeat(ServerScript fails)
    {
        await using var cluster = new TestCluster(1);
        var attempts = Refuse(cluster, fails);
        cluster.A.Session.Cut();
        cluster.A.Session.Reconnect();
        _ = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        Assert.Single(attempts);
        cluster.A.Faults.Clear();
        cluster.Advance(.05);
        Assert.Equal("k", Assert.Single(cluster.Server.Records).Record.Targets[0].Text);
        Assert.True(cluster.A.IsTrusted);
    }

    [Fact]
    public async Task Failures_over_the_old_connection_do_not_delay_the_retry_over_a_new_one()
    {
        await using var cluster = new TestCluster(1);
        _ = Refuse(cluster, ServerScript.Append);
        _ = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        for (var i = 0; i < 20; i++)
        {
            cluster.Advance(3.17);
            cluster.A.Session.Cut();
            cluster.A.Session.Reconnect();
            Assert.Empty(cluster.Server.Records);
        }

        cluster.A.Faults.Clear();
        cluster.Advance(.05);
        Assert.Single(cluster.Server.Records);
    }

    private static List<double> Refuse(TestCluster cluster, ServerScript script)
    {
        var attempts = new List<double>();
        cluster.A.Faults.Refuses = s => s == script && Note(cluster, attempts, refuse: true);
        return attempts;
    }

    private static bool Note(TestCluster cluster, List<double> attempts, bool refuse)
    {
        attempts.Add((cluster.Clock.GetUtcNow() - cluster.Clock.Start).TotalSeconds);
        return refuse;
    }
}
