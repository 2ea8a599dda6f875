using Microsoft.Extensions.Caching.Hybrid;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Connections that are killed, cut or delayed, under load and at critical moments.</summary>
public sealed class ConnectionFaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_of_every_kind_are_killed_under_load_and_no_read_is_stale()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var load = new Load(cluster, RedisCluster.Bound);
        for (var i = 0; i < 40; i++)
        {
            await Load.RunsAsync(100);
            await cluster.Server.KillOneAsync(subscribing: i % 2 == 0, Random.Shared);
        }

        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }

    [Fact]
    public async Task A_key_removed_while_a_subscription_is_down_is_invalid_within_a_second_of_the_reconnect()
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        var reader = cluster[1];
        for (var trial = 0; trial < 10; trial++)
        {
            await cluster.HoldsEverywhereAsync("k");
            var made = cluster.Relay(reader).Made;
            cluster.Relay(reader).Cut();
            cluster.Truth.Commit("k", 0);
            await cluster[0].Cache.RemoveAsync("k", Stop);
            Assert.True(reader.Holds("k"));
            cluster.Relay(reader).LeadTo(cluster.Server.Port);
            await Eventually.TrueAsync("it connects again", () => Task.FromResult(cluster.Relay(reader).Made > made));
            var begin = TimeProvider.System.GetTimestamp();
            await Eventually.TrueAsync("it let go", () => Task.FromResult(!reader.Holds("k")));
            Assert.InRange(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, 0, 1);
        }
    }

    [Theory]
    [InlineData("trim")]
    [InlineData("delete")]
    public async Task A_node_that_missed_records_no_longer_in_the_log_drops_every_entry(string how)
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        await cluster.HoldsEverywhereAsync("k");
        await cluster.HoldsEverywhereAsync("kept");
        cluster.Relay(cluster[1]).Cut();
        cluster.Truth.Commit("k", 0);
        await cluster[0].Cache.RemoveAsync("k", Stop);
        await (how == "trim" ? cluster.Server.TrimAsync() : cluster.Server.DeleteAsync("log"));
        cluster.Relay(cluster[1]).LeadTo(cluster.Server.Port);

        await Eventually.TrueAsync("it forgot all", () => Task.FromResult(!cluster[1].Holds("kept") && !cluster[1].Holds("k")));
        await cluster.AgreedAsync();
        Assert.True(cluster[0].Holds("kept"));
        Assert.Equal(1, (await cluster[1].ReadAsync("k", cluster.Truth)).Value);
        Assert.Equal(1, cluster[0].Position.Sequence);
    }

    [Fact]
    public async Task A_disconnected_node_serves_its_entries_for_the_staleness_bound_and_then_reads_the_source()
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        await cluster.HoldsEverywhereAsync("k");
        cluster.Relay(cluster[1]).Cut();
        cluster.Truth.Commit("k", 0);
        await cluster[0].Cache.RemoveAsync("k", Stop);
        Assert.Equal((0, CacheOutcome.Memory), Pair(await cluster[1].ReadAsync("k", cluster.Truth)));
        await cluster[1].NotTrustedAsync();
        Assert.Equal((1, CacheOutcome.Load), Pair(await cluster[1].ReadAsync("k", cluster.Truth)));
        Assert.False(cluster[1].Holds("k"));

        cluster.Relay(cluster[1]).LeadTo(cluster.Server.Port);
        await cluster.TrustedAsync();
        await cluster.HoldsAsync(cluster[1], "k");
    }

    [Fact]
    public async Task Invalidations_of_a_node_that_was_cut_off_take_effect_everywhere_after_the_reconnect()
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        string[] keys = [.. Enumerable.Range(0, 5).Select(static i => $"k{i}")];
        foreach (var key in keys)
            await cluster.HoldsEverywhereAsync(key, "t");
        cluster.Relay(cluster[0]).Cut();
        foreach (var key in keys)
            cluster.Truth.Commit(key, 0);
        var receipt = await cluster[0].Invalidator.InvalidateAsync(keys: keys[..3], tags: ["t"], cancellationToken: Stop);
        await cluster[0].Cache.SetAsync("k4", 1L, tags: ["t"], cancellationToken: Stop);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        foreach (var key in keys)
            Assert.Equal(1, (await cluster[0].ReadAsync(key, cluster.Truth, "t")).Value);
        Assert.True(cluster[1].Holds("k3"));

        cluster.Relay(cluster[0]).LeadTo(cluster.Server.Port);
        await cluster.AgreedAsync();
        await Eventually.TrueAsync("what was queued is in the log", () => Task.FromResult(receipt.State == ReceiptState.Applied));
        await cluster.AgreedAsync();
        foreach (var key in keys)
            Assert.Equal(1, (await cluster[1].ReadAsync(key, cluster.Truth, "t")).Value);
    }

    [Fact]
    public async Task A_node_without_a_link_loads_without_a_lease_and_releases_its_own_after_the_reconnect()
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        await using var server = await RawConnection.ConnectAsync(cluster.Server.EndPoint);
        const string Lease = ServerFaults.Base + "l:shop:k";
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Truth.Meanwhile = async token => await goOn.Task.WaitAsync(token);
        var first = cluster[0].ReadAsync("k", cluster.Truth).AsTask();
        await Eventually.TrueAsync("the lease is taken", async () => (await server.RunAsync("EXISTS", Lease)).Integer == 1);
        cluster.Relay(cluster[0]).Cut();
        await Eventually.TrueAsync("the link is gone", () => Task.FromResult(cluster[0].Says("the connections were lost")));
        goOn.SetResult();
        await first;

        var begin = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 10; i++)
            Assert.Equal(CacheOutcome.Load, (await cluster[0].ReadAsync($"cold{i}", cluster.Truth)).Outcome);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, 0, 2);
        cluster.Relay(cluster[0]).LeadTo(cluster.Server.Port);
        await Eventually.TrueAsync("the lease is given back", async () => (await server.RunAsync("EXISTS", Lease)).Integer == 0);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, 0, 8);
    }

    [Fact]
    public async Task A_lease_whose_grant_never_reached_its_node_is_released_at_once()
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        var leaseAlone = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCacheRead };
        string lease;
        for (var trial = 0; ; trial++)
        {
            // Frozen for a moment, the server has received the call and replies on a closed connection.
            lease = $"{ServerFaults.Base}l:shop:k{trial}";
            await cluster.TrustedAsync();
            await cluster.Server.FreezeAsync();
            var first = cluster[0].Cache.GetOrCreateAsync($"k{trial}", static _ => new ValueTask<int>(1), leaseAlone, cancellationToken: Stop).AsTask();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
            cluster.Relay(cluster[0]).Cut();
            cluster.Relay(cluster[0]).LeadTo(cluster.Server.Port);
            await cluster.Server.ThawAsync();
            await first;
            if ((long)await cluster.Server.ExecuteAsync("EXISTS", lease) == 1)
                break;
            Assert.True(trial < 10, "The server never granted a lease whose reply was lost.");
        }

        var begin = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync("the lease is given back", async () => (long)await cluster.Server.ExecuteAsync("EXISTS", lease) == 0);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, 0, 2);
    }

    [Fact]
    public async Task Calls_to_a_frozen_server_end_within_their_limit_and_the_nodes_recover_when_the_server_resumes()
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        await cluster.HoldsEverywhereAsync("k");
        await cluster.Server.FreezeAsync();
        try
        {
            Assert.Equal((0, CacheOutcome.Memory), Pair(await cluster[1].ReadAsync("k", cluster.Truth)));
            var begin = TimeProvider.System.GetTimestamp();
            cluster.Truth.Commit("k", 0);
            var receipt = await cluster[0].Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            Assert.Equal(1, (await cluster[0].ReadAsync("k", cluster.Truth)).Value);
            Assert.Equal(0, (await cluster[0].ReadAsync("cold", cluster.Truth)).Value);
            Assert.InRange(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, 0, 5);
            Assert.Equal(ReceiptState.Queued, receipt.State);
            await cluster[1].NotTrustedAsync();
            Assert.Equal((1, CacheOutcome.Load), Pair(await cluster[1].ReadAsync("k", cluster.Truth)));
        }
        finally
        {
            await cluster.Server.ThawAsync();
        }

        await cluster.AgreedAsync();
        await cluster.HoldsEverywhereAsync("k");
    }

    [Fact]
    public async Task A_server_that_freezes_under_load_makes_no_read_stale()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var load = new Load(cluster, RedisCluster.Bound);
        await Load.RunsAsync(500);
        await cluster.Server.FreezeAsync();
        try
        {
            await Load.RunsAsync(3000);
        }
        finally
        {
            await cluster.Server.ThawAsync();
        }

        await cluster.TrustedAsync();
        await Load.RunsAsync(500);
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }

    [Fact]
    public async Task A_node_that_is_cut_off_under_load_for_longer_than_the_bound_makes_no_read_stale()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var load = new Load(cluster, RedisCluster.Bound);
        await Load.RunsAsync(500);
        cluster.Relay(cluster[2]).Cut();
        await Load.RunsAsync(4000);
        cluster.Relay(cluster[2]).LeadTo(cluster.Server.Port);
        await cluster.TrustedAsync();
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }

    private static (long, CacheOutcome) Pair(CacheResult<long> result) => (result.Value, result.Outcome);
}
