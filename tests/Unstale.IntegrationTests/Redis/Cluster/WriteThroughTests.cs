using Unstale.IntegrationTests.Support;
using Unstale.Tests;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Write-through by writers that commit in one order and reach two nodes in another, over a real server.</summary>
public sealed class WriteThroughTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task The_newer_version_wins_on_both_nodes_in_both_orders()
    {
        await KnowVersionsAsync();
        Assert.Equal(WriteThroughOutcome.Stored, (await WriteAsync(0, "a", 1)).Outcome);
        Assert.Equal(WriteThroughOutcome.Stored, (await WriteAsync(1, "a", 2)).Outcome);
        Assert.Equal(WriteThroughOutcome.Stored, (await WriteAsync(0, "b", 2)).Outcome);
        var late = await WriteAsync(1, "b", 1);
        Assert.Equal((WriteThroughOutcome.Superseded, ReceiptState.Superseded), (late.Outcome, late.State));
        await late.WaitForAllNodesAsync(Stop);
        await BothServeAsync("a", 2);
        await BothServeAsync("b", 2);
    }

    [Fact]
    public async Task After_a_restart_of_the_server_a_late_writer_only_invalidates()
    {
        await KnowVersionsAsync();
        await WriteAsync(0, "k", 10);
        var lost = _cluster[1].Position.Generation;
        await _cluster.Server.StopAsync();
        var queued = await WriteAsync(0, "k", 11);
        Assert.Equal((WriteThroughOutcome.Invalidated, ReceiptState.Queued), (queued.Outcome, queued.State));
        await _cluster.Server.StartAgainAsync();
        await Eventually.TrueAsync("the second node follows the new history", () => Task.FromResult(_cluster[1].IsTrusted && _cluster[1].Position.Generation != lost));
        await Eventually.TrueAsync("what was queued is in the log", () => Task.FromResult(queued.State == ReceiptState.Applied));
        await _cluster.AgreedAsync();
        Assert.Equal(WriteThroughOutcome.Superseded, (await WriteAsync(1, "k", 10)).Outcome);
        Assert.Equal(WriteThroughOutcome.Invalidated, (await WriteAsync(1, "other", 8)).Outcome);
        Assert.Equal(WriteThroughOutcome.Invalidated, (await WriteAsync(1, "other", 9)).Outcome);
        await BothServeAsync("k", 11);
    }

    [Fact]
    public async Task Many_writers_in_any_order_with_readers_and_cut_connections_leave_the_newest()
    {
        await KnowVersionsAsync();
        var dice = new Random(7);
        long newest = 0;
        for (var round = 0; round < 20; round++)
        {
            var versions = Enumerable.Range(0, 20).Select(_ => ++newest).ToArray();
            dice.Shuffle(versions);
            var committed = newest;
            var work = versions.Select((version, i) => WriteAsync(i % 2, "k", version).AsTask() as Task)
                .Concat(Enumerable.Range(0, 20).Select(i => ReadAsync(i % 2, "k", committed))).ToList();
            if (round % 4 == 0)
            {
                var relay = _cluster.Relay(_cluster[round / 4 % 2]);
                relay.Cut();
                relay.LeadTo(_cluster.Server.Port);
            }

            await Task.WhenAll(work);
            await _cluster.AgreedAsync();
            await BothServeAsync("k", newest);
        }
    }

    private async Task KnowVersionsAsync() => await _cluster.Server.RunAsync("HSET", ServerFaults.Base + "ctl", "versions_since", "0");

    private ValueTask<InvalidationReceipt> WriteAsync(int node, string key, long version) =>
        _cluster[node].Cache.WriteThroughAsync(key, version, version, cancellationToken: Stop);

    private async Task<long> ReadAsync(int node, string key, long source) =>
        await _cluster[node].Cache.GetOrCreateAsync(key, _ => new ValueTask<long>(source), cancellationToken: Stop);

    private async Task BothServeAsync(string key, long version)
    {
        for (var node = 0; node < 2; node++)
            Assert.Equal(version, await ReadAsync(node, key, version));
    }
}
