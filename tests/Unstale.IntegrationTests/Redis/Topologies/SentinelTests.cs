using Unstale.IntegrationTests.Redis.Cluster;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Nodes over a master with two replicas, found through three sentinels.</summary>
public sealed class SentinelTests
{
    /// <summary>Time by which a deposed master refuses writes: <c>min-replicas-max-lag</c>, checked once a second.</summary>
    private static readonly TimeSpan Fence = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Number of threads advised by docs/redis.md, for three applications in one process: the client blocks threads of the pool while it follows a
    /// failover.
    /// </summary>
    private const int Threads = 3 * 16;

    public SentinelTests() => ThreadPool.SetMinThreads(Threads, Threads);

    [Theory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Masters_that_change_under_every_fault_make_no_read_stale(string protocol)
    {
        await using var rig = await SentinelRig.StartAsync();
        await using var nodes = await TopologyNodes.StartAsync($"{rig.Configuration},protocol={protocol}");
        var server = new ServerFaultList(rig.MasterAsync);
        RedisServer? gone = null;
        await FaultRun.JudgeAsync(
            nodes,
            RedisCluster.Bound + Fence,
            server.KillSubscriptions,
            server.KillConnections,
            server.KillRepeatedly,
            server.Sleep,
            server.ForgetScripts,
            server.Flush,
            server.Full,
            nodes.ResetAll,
            nodes.CutOff(500),
            nodes.LoseReplies(600),
            nodes.Strand,
            nodes.Slow(1000, latency: 20),
            new("failover by order", async () => await rig.FailOverAsync()),
            new("two of three sentinels killed", () => rig.KillSentinelsAsync(2)),
            new("sentinels started again", rig.StartSentinelsAsync),
            new("kill the master", async () =>
            {
                gone = await rig.MasterAsync();
                await rig.KillMasterAsync();
            }),
            new("the old master returns as a replica", () => rig.BringBackAsync(gone!)),
            new("failback by order", async () => await rig.FailOverAsync()),
            new("freeze the master, thaw it deposed", async () =>
            {
                (gone, _) = await rig.FreezeMasterAsync();
                await gone.ThawAsync();
            }));
    }
}
