using Unstale.IntegrationTests.Redis.Cluster;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Server that returns with older data, as of its last save. The run id is visible, or hidden as in managed services.</summary>
public sealed class SnapshotTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_restarts_from_an_old_snapshot_makes_no_read_stale(bool hidesRunId)
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "operator", "--enable-debug-command", "yes");
        var words = await PermissionTests.DocumentAsync();
        string[] rights = [.. words[2..], .. hidesRunId ? ["-info"] : Array.Empty<string>()];
        await GrantAsync();
        await using var nodes = await TopologyNodes.StartAsync($"127.0.0.1:{redis.Port},user=unstale,password=password");
        var server = new ServerFaultList(() => Task.FromResult(redis));
        await FaultRun.JudgeAsync(
            nodes,
            RedisCluster.Bound,
            server.KillConnections,
            Old(0, "at once"),
            Old(200, "200 ms later"),
            server.Freeze(700),
            Old(1000, "1 s later"),
            server.Flush,
            Old(50, "50 ms later"),
            server.DeleteControl,
            Old(500, "500 ms later"),
            Old(500, "500 ms later"));
        Assert.All(nodes.Nodes, n => Assert.Equal(hidesRunId ? 1 : 0, n.Times("hides its run id")));

        Fault Old(int milliseconds, string when) => new($"saved, killed {when}, started as it was", async () =>
        {
            await redis.ExecuteAsync("SAVE");
            await Load.RunsAsync(milliseconds);
            await redis.StopAsync();
            await redis.StartAgainAsync();
            await GrantAsync();
        });

        // Users are not saved.
        async Task GrantAsync() => await redis.ExecuteAsync(["ACL", "SETUSER", .. rights]);
    }
}
