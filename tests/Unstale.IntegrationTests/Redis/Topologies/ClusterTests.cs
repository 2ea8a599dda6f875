using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Nodes over Redis Cluster, with the log in one slot.</summary>
public sealed class ClusterTests
{
    /// <summary>Time by which a master that the majority cannot reach refuses writes, after the node time-out.</summary>
    private static readonly TimeSpan Fence = TimeSpan.FromSeconds(2);

    private const string Key = ServerFaults.Base + "ctl";

    [Fact]
    public async Task A_sweep_in_a_cluster_finds_the_values_that_a_pattern_concerns()
    {
        await using var rig = await ClusterRig.StartAsync();
        await using var nodes = await TopologyNodes.StartAsync(rig.Configuration);
        for (var round = 0; round < 5; round++)
        {
            await nodes.HoldsEverywhereAsync("swept:1");
            await nodes.HoldsEverywhereAsync("kept");
            var owner = await rig.OwnerAsync(Key);
            Assert.Equal(2, (int)await owner.ExecuteAsync("EXISTS", ServerFaults.Base + "v:shop:swept:1", ServerFaults.Base + "v:shop:kept"));
            await nodes[round % 3].Invalidator.InvalidatePatternAsync(new GlobPattern("swept:*"), cancellationToken: TestContext.Current.CancellationToken);
            await Eventually.TrueAsync("no pattern is listed any more", async () => ((string?)await owner.ExecuteAsync("HGET", Key, "broad"))?.Length == 0);
            Assert.Equal(0, (int)await owner.ExecuteAsync("EXISTS", ServerFaults.Base + "v:shop:swept:1"));
            Assert.Equal(1, (int)await owner.ExecuteAsync("EXISTS", ServerFaults.Base + "v:shop:kept"));
        }
    }

    [Theory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Slots_that_move_and_shards_that_fail_make_no_read_stale(string protocol)
    {
        await using var rig = await ClusterRig.StartAsync();
        await using var nodes = await TopologyNodes.StartAsync($"{rig.Configuration},protocol={protocol}");
        var server = new ServerFaultList(() => rig.OwnerAsync(Key));
        RedisServer? gone = null;
        IReadOnlyList<RedisServer> shard = [];
        await FaultRun.JudgeAsync(
            nodes,
            RedisCluster.Bound + Fence,
            server.KillSubscriptions,
            server.KillConnections,
            server.KillRepeatedly,
            server.Sleep,
            server.NoRoomForPushes,
            server.ForgetScripts,
            server.Flush,
            server.Full,
            nodes.ResetAll,
            nodes.CutOff(500),
            nodes.LoseReplies(600),
            nodes.Strand,
            nodes.Slow(1000, latency: 20),
            new("migrate the slot", () => rig.MigrateAsync(Key)),
            new("migrate the slot key by key", () => rig.MigrateAsync(Key, rest: 5)),
            new("migrate the slot back key by key", () => rig.MigrateAsync(Key, rest: 5)),
            new("fail the shard over by order", () => rig.FailOverAsync(Key)),
            new("kill the master of the shard", async () => gone = await rig.KillMasterAsync(Key)),
            new("the old master returns as a replica", () => rig.BringBackAsync(gone!)),
            new("takeover without a vote", () => rig.FailOverAsync(Key, atOnce: true)),
            new("freeze the master, thaw it deposed", async () =>
            {
                gone = await rig.FreezeMasterAsync(Key);
                await gone.ThawAsync();
                await rig.CompleteAsync();
            }),
            new("the shard gone for 1 s", async () =>
            {
                shard = await rig.KillShardAsync(Key);
                await Load.RunsAsync(1000);
                await rig.BringBackAsync(shard);
            }));
    }

    [Fact]
    public async Task A_log_is_followed_through_failures_of_its_shard_and_of_the_shard_of_another_log()
    {
        await using var rig = await ClusterRig.StartAsync();
        var neighbour = await NeighbourAsync(rig);
        await using var nodes = await TopologyNodes.StartAsync(rig.Configuration, neighbour);
        var server = new ServerFaultList(() => rig.OwnerAsync(Key));
        var others = new ServerFaultList(() => rig.OwnerAsync(ControlOf(neighbour)));
        RedisServer? gone = null;
        await FaultRun.JudgeAsync(
            nodes,
            RedisCluster.Bound + Fence,
            server.KillSubscriptions,
            server.KillConnections,
            others.KillConnections,
            server.KillRepeatedly,
            server.Freeze(700),
            others.Freeze(700),
            server.ForgetScripts,
            server.Flush,
            server.Busy,
            new("migrate the slot", () => rig.MigrateAsync(Key)),
            new("fail the shard over by order", () => rig.FailOverAsync(Key)),
            new("kill the master of the shard", async () => gone = await rig.KillMasterAsync(Key)),
            new("the old master returns as a replica", () => rig.BringBackAsync(gone!)),
            new("kill the master of the neighbour's shard", async () => gone = await rig.KillMasterAsync(ControlOf(neighbour))),
            new("the neighbour's returns as a replica", () => rig.BringBackAsync(gone!)));
        var receipt = await nodes[0].Neighbour!.Invalidator.InvalidateKeyAsync("k", cancellationToken: TestContext.Current.CancellationToken);
        await receipt.WaitForAllNodesAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_log_keeps_its_trust_and_its_link_while_the_master_of_another_logs_shard_is_killed()
    {
        await using var rig = await ClusterRig.StartAsync();
        var neighbour = await NeighbourAsync(rig);
        await using var nodes = await TopologyNodes.StartAsync(rig.Configuration, neighbour);
        using var enough = new CancellationTokenSource();
        var writers = nodes.Nodes.SelectMany(static node => new[] { node.Cache, node.Neighbour! }).Select(cache => InvalidateAsync(cache, enough.Token)).ToArray();
        await KillBesideAsync(rig, nodes, Key, static node => node.IsTrusted, static node => node.IsNeighbourTrusted, static node => node.NeighbourLink);
        await KillBesideAsync(rig, nodes, ControlOf(neighbour), static node => node.IsNeighbourTrusted, static node => node.IsTrusted, static node => node.Link);
        await enough.CancelAsync();
        await Task.WhenAll(writers);
    }

    /// <summary>Kills the master of one log's shard. This log becomes trusted again, and the other one stays trusted.</summary>
    private static async Task KillBesideAsync(
        ClusterRig rig, TopologyNodes nodes, string key, Func<RedisNode, bool> isTrusted, Func<RedisNode, bool> isOtherTrusted, Func<RedisNode, long?> otherLink)
    {
        await Eventually.TrueAsync("both logs are trusted", () => Task.FromResult(nodes.Nodes.All(node => isTrusted(node) && isOtherTrusted(node))));
        await using var watch = new TrustWatch(nodes.Nodes.Select(node => (Func<bool>)(() => isOtherTrusted(node))));
        await using var watchOfKilled = new TrustWatch(nodes.Nodes.Select(node => (Func<bool>)(() => isTrusted(node))));
        await Load.RunsAsync(500);
        var links = nodes.Nodes.Select(otherLink).ToArray();
        Assert.DoesNotContain(null, links);
        var gone = await rig.KillMasterAsync(key);
        await Eventually.TrueAsync("the log of the killed master is trusted again", () => Task.FromResult(nodes.Nodes.All(isTrusted)));
        await Load.RunsAsync(500);
        Assert.NotEqual(0, watchOfKilled.Seen().LastUntrusted);
        Assert.Equal((TimeSpan.Zero, 0), watch.Seen());
        Assert.Equal(links, nodes.Nodes.Select(otherLink));
        await rig.BringBackAsync(gone);
    }

    private static async Task InvalidateAsync(UnstaleCache cache, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await cache.Invalidator.InvalidateKeyAsync("k", cancellationToken: TestContext.Current.CancellationToken);
            await Load.RunsAsync(20);
        }
    }

    /// <summary>Returns the name of a log on another shard than the log of the nodes.</summary>
    private static async Task<string> NeighbourAsync(ClusterRig rig)
    {
        var owner = await rig.OwnerAsync(Key);
        var neighbour = "a";
        while (await rig.OwnerAsync(ControlOf(neighbour)) == owner)
            neighbour += "a";
        return neighbour;
    }

    private static string ControlOf(string log) => $"{{unstale:{log}:0}}:ctl";
}
