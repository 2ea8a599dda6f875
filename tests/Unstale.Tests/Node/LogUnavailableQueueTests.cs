using Unstale.Log;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Results for callers while the log is unavailable, and the later order of their records in the log.</summary>
public sealed class LogUnavailableQueueTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_WhenUnavailable_Throw_no_exception_is_thrown_while_the_log_is_available()
    {
        await using var cluster = new TestCluster(1, log: o => o.WhenUnavailable = LogUnavailableBehavior.Throw);
        Assert.Equal(ReceiptState.Applied, (await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).State);
        await cluster.A.Cache.SetAsync("k", "v", cancellationToken: Stop);
        Assert.True(cluster.A.Holds("k"));
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("cut")]
    public async Task Queued_invalidations_are_appended_in_the_order_of_their_calls(string outage)
    {
        await using var cluster = new TestCluster(1);
        if (outage == "refused")
            cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        else
            cluster.A.Session.Cut();
        string[] keys = [.. Enumerable.Range(0, 50).Select(i => $"k{i}")];
        foreach (var key in keys)
            _ = cluster.A.Invalidator.InvalidateKeyAsync(key, cancellationToken: Stop).AsTask();
        cluster.Advance(3);
        Assert.Empty(cluster.Server.Records);
        cluster.A.Faults.Clear();
        cluster.A.Session.Reconnect();
        cluster.Advance(1);
        Assert.Equal(keys, cluster.Server.Records.Select(r => r.Record.Targets[0].Text));
    }

    [Fact]
    public async Task More_than_the_option_allows_become_one_everything_under_every_receipt()
    {
        await using var cluster = new TestCluster(2, log: o => o.QueueCapacity = 3);
        var source = new Source();
        await cluster.B.ReadAsync("untouched", source);
        cluster.A.Session.Cut();
        var raised = Enumerable.Range(0, 9).Select(i => cluster.A.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop).AsTask()).ToArray();
        cluster.Advance(1);
        var receipts = await Eventually.Ends("all return at the deadline", Task.WhenAll(raised));
        Assert.Equal(9, cluster.A.Cache.GetLogState().Queued);
        Assert.All(receipts, r => Assert.Equal(ReceiptState.Queued, r.State));
        cluster.A.Session.Reconnect();
        await Eventually.Holds("all are applied", () => receipts.All(r => r.State == ReceiptState.Applied));
        Assert.Equal(["*", "k7", "k8"], cluster.Server.Records.Select(r => r.Record.Targets[0].Kind == TargetKind.Everything ? "*" : r.Record.Targets[0].Text));
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 2, 3], receipts.Select(r => r.Position.Sequence));
        Assert.Equal(0, cluster.A.Cache.GetLogState().Queued);
        Assert.False(cluster.B.Holds("untouched"));
    }

    [Fact]
    public async Task The_queue_is_also_bounded_while_records_of_a_lost_history_are_replayed()
    {
        await using var cluster = new TestCluster(1, log: o => o.QueueCapacity = 3);
        await cluster.A.Invalidator.InvalidateKeyAsync("before", cancellationToken: Stop);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        cluster.Server.FailOver(loses: 1);
        Assert.False(cluster.A.IsTrusted);
        var raised = Enumerable.Range(0, 9).Select(i => cluster.A.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop).AsTask()).ToArray();
        cluster.Advance(2);
        var receipts = await Eventually.Ends("all return at the deadline", Task.WhenAll(raised));
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        await Eventually.Holds("the node is trusted", () => cluster.A.IsTrusted, () => cluster.Advance(.1));
        Assert.All(receipts, r => Assert.Equal(ReceiptState.Applied, r.State));
        Assert.InRange(cluster.Server.Records.Count, 1, 4);
        Assert.Contains(cluster.Server.Records, r => r.Record.Targets[0].Kind == TargetKind.Everything);
    }
}
