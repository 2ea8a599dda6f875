using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Servers that restart, lose keys, are full, evict keys or refuse writes, under load.</summary>
public sealed class ServerFaultTests
{
    private const string Broken = "the history was broken";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no")]
    [InlineData("yes")]
    public async Task A_server_that_restarts_under_load_makes_no_read_stale_and_nothing_is_lost(string appendOnly)
    {
        await using var cluster = await RedisCluster.StartAsync(3, "--appendonly", appendOnly);
        await using var load = new Load(cluster, RedisCluster.Bound);
        await Load.RunsAsync(500);
        await cluster.Server.StopAsync();
        await Load.RunsAsync(500);
        await cluster.Server.StartAgainAsync();
        await cluster.TrustedAsync();
        await Load.RunsAsync(1000);
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
        Assert.All(cluster.Nodes, static n => Assert.True(n.Says(Broken)));
    }

    [Fact]
    public async Task Keys_of_every_kind_but_the_control_hash_are_deleted_under_load()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var load = new Load(cluster, RedisCluster.Bound);
        string[] kinds = ["log", "tags:0", "tags:1", "v:*", "l:*", "sweep"];
        for (var i = 0; i < 5 * kinds.Length; i++)
        {
            await Load.RunsAsync(100);
            await cluster.Server.DeleteAllAsync(kinds[i % kinds.Length]);
        }

        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }

    [Fact]
    public async Task The_control_hash_and_all_data_are_deleted_under_load()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var load = new Load(cluster, RedisCluster.Bound);
        for (var i = 0; i < 6; i++)
        {
            await Load.RunsAsync(400);
            await (i % 2 == 0 ? cluster.Server.DeleteAsync("ctl") : cluster.Server.RunAsync("FLUSHALL"));
        }

        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
        Assert.All(cluster.Nodes, static n => Assert.True(n.Says(Broken)));
    }

    [Fact]
    public async Task A_server_that_evicts_under_load_makes_no_read_stale()
    {
        await using var cluster = await RedisCluster.StartAsync(3, "--maxmemory-policy", "allkeys-lru");
        await using var load = new Load(cluster, RedisCluster.Bound);
        await Load.RunsAsync(500);
        await cluster.Server.ConfigureAsync("maxmemory", (await cluster.Server.UsedMemoryAsync() + 20_000).ToString());
        await Load.RunsAsync(2500);
        Assert.DoesNotContain("evicted_keys:0\r", (await cluster.Server.RunAsync("INFO", "stats")).Text(), StringComparison.Ordinal);
        await cluster.Server.ConfigureAsync("maxmemory", "0");
        await load.AnsweredFromAsync(CacheOutcome.Load);
        await load.EndAsync();
    }

    [Fact]
    public async Task Invalidations_refused_by_a_full_server_are_queued_and_appended_when_there_is_room()
    {
        await using var cluster = await RedisCluster.StartAsync(2);
        await cluster.HoldsEverywhereAsync("k");
        await cluster.Server.ConfigureAsync("maxmemory", "1");
        await RefusesAndRecoversAsync(cluster, "Raise maxmemory", () => cluster.Server.ConfigureAsync("maxmemory", "0"));
    }

    [Fact]
    public async Task Invalidations_refused_by_a_replica_are_queued_and_appended_once_the_server_is_master_again()
    {
        await using var other = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync(2);
        await cluster.HoldsEverywhereAsync("k");
        await cluster.Server.RunAsync("REPLICAOF", "127.0.0.1", other.Port.ToString());
        await RefusesAndRecoversAsync(cluster, "is a replica", () => cluster.Server.RunAsync("REPLICAOF", "NO", "ONE"));
    }

    [Fact]
    public async Task Invalidations_refused_by_a_master_without_its_required_replica_are_queued_until_the_replica_returns()
    {
        await using var replica = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync(2);
        await FollowAsync(replica, cluster.Server);
        await cluster.Server.ConfigureAsync("min-replicas-max-lag", "1");
        await cluster.Server.ConfigureAsync("min-replicas-to-write", "1");
        await cluster.TrustedAsync();
        await cluster.HoldsEverywhereAsync("k");
        await replica.FreezeAsync();
        await RefusesAndRecoversAsync(cluster, "min-replicas-to-write", replica.ThawAsync);
    }

    [Fact]
    public async Task Records_missing_on_a_promoted_replica_are_appended_again()
    {
        await using var replica = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync(3);
        await FollowAsync(replica, cluster.Server);
        await cluster.AgreedAsync();
        await cluster.HoldsEverywhereAsync("k");
        await cluster.HoldsEverywhereAsync("tagged", "t");
        await replica.RunAsync("REPLICAOF", "NO", "ONE");
        cluster.Relay(cluster[2]).Cut();
        cluster.Truth.Commit("k", 0);
        cluster.Truth.Commit("tagged", 1);
        await cluster[0].Cache.RemoveAsync("k", Stop);
        await cluster[1].Cache.RemoveByTagAsync("t", Stop);
        Assert.True(cluster[2].Holds("k"));

        cluster.MoveTo(replica);
        await cluster.AgreedAsync();
        await Eventually.TrueAsync("both are in the log of the new master", async () =>
        {
            var log = string.Join(' ', (await replica.RunAsync("XRANGE", ServerFaults.Base + "log", "-", "+")).Items.SelectMany(static e => e.Items[1].Items).Select(static f => f.Text()));
            return log.Contains("key k", StringComparison.Ordinal) && log.Contains("tag t", StringComparison.Ordinal);
        });
        Assert.All(cluster.Nodes, static n => Assert.True(n.Says(Broken)));
        foreach (var node in cluster.Nodes)
            Assert.Equal((1, 1), ((await node.ReadAsync("k", cluster.Truth)).Value, (await node.ReadAsync("tagged", cluster.Truth, "t")).Value));
    }

    [Fact]
    public async Task Failover_and_failback_under_load_make_no_read_stale()
    {
        await using var other = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var load = new Load(cluster, RedisCluster.Bound);
        foreach (var (from, to) in new[] { (cluster.Server, other), (other, cluster.Server) })
        {
            await FollowAsync(to, from);
            await Load.RunsAsync(500);
            await to.RunAsync("REPLICAOF", "NO", "ONE");
            await Load.RunsAsync(200);
            cluster.MoveTo(to);
            await cluster.TrustedAsync();
        }

        await Load.RunsAsync(500);
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }

    private static async Task FollowAsync(RedisServer replica, RedisServer master)
    {
        await replica.RunAsync("REPLICAOF", "127.0.0.1", master.Port.ToString());
        await Eventually.TrueAsync("the replica follows", async () =>
            (await master.RunAsync("INFO", "replication")).Text().Contains("state=online", StringComparison.Ordinal)
            && (await replica.RunAsync("INFO", "replication")).Text().Contains("master_link_status:up", StringComparison.Ordinal));
    }

    /// <summary>Checks a server that refuses writes while both nodes hold "k", until <paramref name="recover"/> ends the refusal.</summary>
    private static async Task RefusesAndRecoversAsync(RedisCluster cluster, string said, Func<Task> recover)
    {
        foreach (var node in cluster.Nodes)
            await node.NotTrustedAsync();
        cluster.Truth.Commit("k", 0);
        var receipt = await cluster[0].Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.True(cluster[0].Says(said), string.Join('\n', cluster[0].Received.Lines.Select(static l => l.Text)));
        foreach (var node in cluster.Nodes)
            Assert.Equal(new CacheResult<long>(1, CacheOutcome.Load), await node.ReadAsync("k", cluster.Truth));

        await recover();
        await Eventually.TrueAsync("what was queued is in the log", () => Task.FromResult(receipt.State == ReceiptState.Applied));
        await cluster.AgreedAsync();
        await cluster.HoldsEverywhereAsync("k");
    }
}
