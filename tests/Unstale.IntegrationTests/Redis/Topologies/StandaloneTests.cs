using Unstale.IntegrationTests.Redis.Cluster;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>One server, the baseline for the other topologies.</summary>
public sealed class StandaloneTests
{
    [Fact]
    public async Task No_read_is_stale_under_any_fault_of_a_single_server()
    {
        await using var other = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync(3, "--appendonly", "yes", "--enable-debug-command", "yes");
        var server = new ServerFaultList(() => Task.FromResult(cluster.Server));
        await FaultRun.JudgeAsync(
            cluster,
            RedisCluster.Bound,
            server.KillSubscriptions,
            server.KillConnections,
            server.KillRepeatedly,
            server.Sleep,
            server.Pause,
            server.Freeze(1500),
            server.Busy,
            server.NoRoomForPushes,
            server.ForgetScripts,
            server.Full,
            server.DeleteTags,
            server.Trim,
            server.DeleteControl,
            server.Flush,
            new Fault("every node cut off for 500 ms", async () =>
            {
                cluster.CutAll();
                await Load.RunsAsync(500);
                cluster.MoveTo(cluster.Server);
            }),
            server.Depose(other),
            server.Restart(300));
    }
}
