using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Redis.Partitions;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Nodes over Redis Cluster, with the partitions of a log on several masters.</summary>
public sealed class PartitionedClusterTests
{
    private const int Partitions = 6;

    /// <summary>Time by which a master that the majority cannot reach refuses writes, after the node time-out.</summary>
    private static readonly TimeSpan Fence = TimeSpan.FromSeconds(2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Slots_that_move_and_shards_that_fail_make_no_read_of_a_partitioned_log_stale(string protocol)
    {
        await using var rig = await ClusterRig.StartAsync();
        Assert.InRange((await OwnersAsync(rig)).Distinct().Count(), 2, 3);
        await using var nodes = await TopologyNodes.StartAsync($"{rig.Configuration},protocol={protocol}", partitions: Partitions);
        var (first, third, fourth) = (ServerOf(rig, 0), ServerOf(rig, 2), ServerOf(rig, 3));
        RedisServer? gone = null;
        await FaultRun.JudgeAsync(
            nodes,
            RedisCluster.Bound + Fence,
            third.KillSubscriptions,
            first.KillConnections,
            fourth.KillRepeatedly,
            third.Sleep,
            fourth.Full,
            first.ForgetScripts,
            third.Flush with { Name = "FLUSHALL of the master of partition 2" },
            first.Flush with { Name = "FLUSHALL of the master of partition 0" },
            nodes.ResetAll,
            nodes.CutOff(500),
            nodes.LoseReplies(600),
            new("migrate the slot of partition 1", () => rig.MigrateAsync(ControlOf(1))),
            new("migrate the slot of partition 4 key by key", () => rig.MigrateAsync(ControlOf(4), rest: 5)),
            new("migrate it back key by key", () => rig.MigrateAsync(ControlOf(4), rest: 5)),
            new("fail the shard of partition 2 over by order", () => rig.FailOverAsync(ControlOf(2))),
            new("kill the master of partition 3", async () => gone = await rig.KillMasterAsync(ControlOf(3))),
            new("the old master returns as a replica", () => rig.BringBackAsync(gone!)),
            new("takeover of the shard of partition 0 without a vote", () => rig.FailOverAsync(ControlOf(0), atOnce: true)),
            new("freeze the master of partition 2, thaw it deposed", async () =>
            {
                gone = await rig.FreezeMasterAsync(ControlOf(2));
                await gone.ThawAsync();
                await rig.CompleteAsync();
            }),
            new("the shard of partition 5 gone for 1 s", async () =>
            {
                var shard = await rig.KillShardAsync(ControlOf(5));
                await Load.RunsAsync(1000);
                await rig.BringBackAsync(shard);
            }));
    }

    [Fact]
    public async Task Values_lie_in_the_slots_of_their_partitions_and_a_sweep_finds_them_on_every_master()
    {
        await using var rig = await ClusterRig.StartAsync();
        await using var nodes = await TopologyNodes.StartAsync(rig.Configuration, partitions: Partitions);
        var owners = await OwnersAsync(rig);
        var (swept, kept) = (PartitionedLog.KeyOfEach(Partitions, "swept"), PartitionedLog.KeyOfEach(Partitions, "kept"));
        foreach (var key in swept.Concat(kept))
            await nodes.HoldsEverywhereAsync(key);
        Assert.Equal(2 * Partitions, nodes.Truth.Loads);
        Assert.Equal(Partitions, await StoredAsync(owners, swept));
        Assert.Equal(Partitions, await StoredAsync(owners, kept));
        for (var p = 0; p < Partitions; p++)
            Assert.Equal((int)await owners[p].ExecuteAsync("CLUSTER", "KEYSLOT", ControlOf(p)), (int)await owners[p].ExecuteAsync("CLUSTER", "KEYSLOT", ValueOf(p, swept[p])));
        await nodes[1].Invalidator.InvalidatePatternAsync(new GlobPattern("swept:*"), cancellationToken: Stop);
        await Eventually.TrueAsync("no value that the pattern matches is stored", async () => await StoredAsync(owners, swept) == 0);
        for (var p = 0; p < Partitions; p++)
            await Eventually.TrueAsync("no pattern is listed any more", async () => ((string?)await owners[p].ExecuteAsync("HGET", ControlOf(p), "broad"))?.Length == 0);
        Assert.Equal(Partitions, await StoredAsync(owners, kept));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_failed_shard_ends_the_trust_of_its_own_partitions_only(int partition)
    {
        await using var rig = await ClusterRig.StartAsync();
        await using var nodes = await TopologyNodes.StartAsync(rig.Configuration, partitions: Partitions);
        var owners = await OwnersAsync(rig);
        int[] dead = [.. Enumerable.Range(0, Partitions).Where(p => owners[p] == owners[partition])];
        int[] alive = [.. Enumerable.Range(0, Partitions).Except(dead)];
        var keys = PartitionedLog.KeyOfEach(Partitions);
        foreach (var key in keys)
            await nodes.HoldsEverywhereAsync(key, "t");
        await using var watch = new TrustWatch(nodes.Nodes.SelectMany(node => alive.Select(p => (Func<bool>)(() => node.IsTrustedIn(p)))));
        await Load.RunsAsync(200);

        var shard = await rig.KillShardAsync(ControlOf(partition));
        await Eventually.TrueAsync("the partitions of the shard are not trusted", () => Task.FromResult(nodes.Nodes.All(n => dead.All(p => !n.IsTrustedIn(p)))));
        await ServesAsync(nodes, alive.Select(p => keys[p]), CacheOutcome.Memory);
        await LoadsAsync(nodes, dead.Select(p => keys[p]));
        Assert.All(nodes.Nodes, node => Assert.Equal(alive, Trusted(node)));
        Assert.All(nodes.Nodes, static node => Assert.False(node.Cache.GetLogState().IsTrusted));
        var whileDown = watch.Seen();

        var receipt = await InvalidateTagAsync(nodes, keys);
        await Load.RunsAsync(300);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        foreach (var p in alive)
            await Eventually.TrueAsync("partitions that live have the invalidation on the other nodes", () => Task.FromResult(!nodes.Nodes.Skip(1).Any(n => n.Holds(keys[p]))));

        await rig.BringBackAsync(shard);
        await Eventually.TrueAsync("what was queued is in the log", () => Task.FromResult(receipt.State == ReceiptState.Applied));
        Assert.Equal(Partitions, receipt.Positions.Count);
        foreach (var node in nodes.Nodes)
        {
            await Eventually.TrueAsync("every node has applied it", async () => await node.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop) == PositionStatus.Reached);
            foreach (var key in keys)
                Assert.Equal(nodes.Truth.Version(key), (await node.ReadAsync(key, nodes.Truth, "t")).Value);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"neighbours untrusted: {whileDown.Longest.TotalMilliseconds:F0} ms while it was down, {watch.Seen().Longest.TotalMilliseconds:F0} ms in all");
        Assert.Equal(TimeSpan.Zero, watch.Seen().Longest);
        Assert.Equal(0, watch.Seen().LastUntrusted);
    }

    private static ServerFaultList ServerOf(ClusterRig rig, int partition) => new(() => rig.OwnerAsync(ControlOf(partition)));

    private static string ControlOf(int partition) => ServerFaults.BaseOf(partition) + "ctl";

    /// <summary>Returns the master of each partition.</summary>
    private static async Task<RedisServer[]> OwnersAsync(ClusterRig rig)
    {
        var owners = new RedisServer[Partitions];
        for (var p = 0; p < Partitions; p++)
            owners[p] = await rig.OwnerAsync(ControlOf(p));
        return owners;
    }

    private static string ValueOf(int partition, string key) => $"{ServerFaults.BaseOf(partition)}v:{RedisNode.CacheName}:{key}";

    /// <summary>Returns the number of keys, one of each partition, whose values the masters of their partitions hold.</summary>
    private static async Task<int> StoredAsync(RedisServer[] owners, string[] keys)
    {
        var stored = 0;
        foreach (var (p, key) in keys.Index())
            stored += (int)await owners[p].ExecuteAsync("EXISTS", ValueOf(p, key));
        return stored;
    }

    private static int[] Trusted(RedisNode node) =>
        [.. node.Cache.GetLogState().Partitions.Index().Where(static p => p.Item.IsTrusted).Select(static p => p.Index)];

    private static async Task ServesAsync(TopologyNodes nodes, IEnumerable<string> keys, CacheOutcome from)
    {
        var loads = nodes.Truth.Loads;
        foreach (var (node, key) in nodes.Nodes.SelectMany(_ => keys, static (node, key) => (node, key)))
            Assert.Equal(from, (await node.ReadAsync(key, nodes.Truth, "t")).Outcome);
        Assert.Equal(loads, nodes.Truth.Loads);
    }

    private static async Task LoadsAsync(TopologyNodes nodes, IEnumerable<string> keys)
    {
        foreach (var (node, key) in nodes.Nodes.SelectMany(_ => keys, static (node, key) => (node, key)))
        {
            var loads = nodes.Truth.Loads;
            await node.ReadAsync(key, nodes.Truth, "t");
            Assert.Equal(loads + 1, nodes.Truth.Loads);
        }
    }

    /// <summary>Commits a new version of every key and invalidates the tag. On return the invalidating node serves no older version.</summary>
    private static async Task<InvalidationReceipt> InvalidateTagAsync(TopologyNodes nodes, string[] keys)
    {
        foreach (var key in keys)
            nodes.Truth.Commit(key, 0);
        var receipt = await nodes[0].Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.All(keys, key => Assert.False(nodes[0].Holds(key)));
        foreach (var key in keys)
            Assert.Equal(nodes.Truth.Version(key), (await nodes[0].ReadAsync(key, nodes.Truth, "t")).Value);
        return receipt;
    }
}
