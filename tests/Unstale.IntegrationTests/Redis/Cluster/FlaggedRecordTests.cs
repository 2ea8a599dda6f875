using Unstale.Log;
using Unstale.Node;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Flags of a record, applied on the other nodes over a server.</summary>
public sealed class FlaggedRecordTests : IAsyncLifetime
{
    private static readonly UnstaleEntryOptions Options = new() { FreshFor = TimeSpan.FromMinutes(1), Expiration = TimeSpan.FromMinutes(5) };

    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Both_nodes_serve_the_old_value_once_and_then_the_new_one()
    {
        foreach (var node in _cluster.Nodes)
            Assert.Equal(0, (await ReadAsync(node)).Value);
        _cluster.Truth.Commit("k", 0);
        await RaiseAsync(RecordFlags.ServeStaleOnce);
        await _cluster.AgreedAsync();
        foreach (var node in _cluster.Nodes)
        {
            Assert.Equal(new CacheResult<long>(0, CacheOutcome.Stale), await ReadAsync(node));
            Assert.Equal(1, (await ReadAsync(node)).Value);
        }

        Assert.All(_cluster.Nodes, n => Assert.Equal(1, n.Cache.GetStatistics().StaleServes));
        Assert.Equal(2, _cluster.Truth.Loads);
    }

    [Fact]
    public async Task A_lazy_record_takes_effect_on_both_nodes_and_is_swept_for_a_waiting_receipt()
    {
        await _cluster.HoldsEverywhereAsync("k", "t");
        await _cluster.HoldsEverywhereAsync("l", "t");
        var receipt = await RaiseAsync(RecordFlags.Lazy);
        await _cluster.AgreedAsync();
        Assert.All(_cluster.Nodes, n => Assert.False(n.Holds("k")));
        Assert.Equal(2, await receipt.WaitForReclaimAsync(Stop));
        Assert.Equal(EntryState.Invalidated, _cluster[1].Cache.Inspect("l")!.State);
    }

    [Fact]
    public async Task The_stream_contains_the_flags_and_the_rule_of_a_record()
    {
        await RaiseAsync(RecordFlags.Lazy | RecordFlags.ServeStaleOnce);
        var entry = Assert.Single((await _cluster.Server.RunAsync("XRANGE", ServerFaults.Base + "log", "-", "+")).Items);
        string[] fields = [.. entry.Items[1].Items.Select(f => f.Text())];
        Assert.Equal(["how", "lazy once", "via", "1|prices|product -> t", "tag", "t"], fields[^6..]);
    }

    private async Task<InvalidationReceipt> RaiseAsync(RecordFlags flags)
    {
        var node = _cluster[0].Node;
        var target = InvalidationTarget.ForTag("t");
        var plain = node.NewRecord(target, reason: null);
        var flagged = new InvalidationRecord(plain.Id, [target], plain.Origin, plain.Time) { Flags = flags, Via = "1|prices|product -> t" };
        return new InvalidationReceipt(await node.RaiseAsync(flagged, Stop), new LogPartitions([node]));
    }

    private ValueTask<CacheResult<long>> ReadAsync(RedisNode node) =>
        node.Cache.GetOrCreateResultAsync("k", _cluster.Truth, static (truth, _, token) => truth.LoadAsync("k", token), Options, ["t"], Stop);
}
