using StackExchange.Redis;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Multiplexer of the application that carries all traffic, with its defaults, backlog, slow time-outs and channel prefix.</summary>
public sealed class SharedMultiplexerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", false)]
    [InlineData(",protocol=resp2", true)]
    public async Task Nodes_over_the_applications_own_multiplexer_under_every_fault_make_no_read_stale(string more, bool byFactory)
    {
        await using var other = await RedisServer.StartAsync();
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--enable-debug-command", "yes");
        await using var nodes = await TopologyNodes.StartSharedAsync($"127.0.0.1:{redis.Port}{more}", byFactory);
        var server = new ServerFaultList(() => Task.FromResult(redis));
        await FaultRun.JudgeAsync(
            nodes,
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
            server.DeleteControl,
            server.Flush,
            nodes.ResetAll,
            nodes.CutOff(500),
            nodes.LoseReplies(600),
            nodes.Slow(1000, latency: 20),
            server.Depose(other),
            server.Restart(300));
        foreach (var node in nodes.Nodes)
            await node.DisposeAsync();
        foreach (var multiplexer in nodes.Multiplexers)
            Assert.True(await multiplexer.GetDatabase().StringSetAsync("still", "the application's"), "The multiplexer was taken from the application.");
    }

    [Fact]
    public async Task Pushes_arrive_without_delay_although_the_application_has_a_channel_prefix()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var nodes = await TopologyNodes.StartSharedAsync($"127.0.0.1:{redis.Port},channelPrefix=app:");
        await nodes.AgreedAsync();
        var times = new List<TimeSpan>();
        for (var trial = 0; trial < 11; trial++)
        {
            await nodes.HoldsEverywhereAsync("k");
            nodes.Truth.Commit("k", trial % 3);
            var begin = TimeProvider.System.GetTimestamp();
            await nodes[trial % 3].Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            await Eventually.TrueAsync("every node lets go", () => Task.FromResult(!nodes.Nodes.Any(static n => n.Holds("k"))));
            times.Add(TimeProvider.System.GetElapsedTime(begin));
        }

        // Without pushes the median would be half a heartbeat, which is 500 ms.
        times.Sort();
        Assert.InRange(times[times.Count / 2].TotalMilliseconds, 0, 100);
    }

    [Fact]
    public async Task Traffic_of_the_application_over_the_same_connection_makes_no_read_stale()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var nodes = await TopologyNodes.StartSharedAsync($"127.0.0.1:{redis.Port}");
        var large = new byte[8 << 20];
        Random.Shared.NextBytes(large);
        await using var load = new Load(nodes, RedisCluster.Bound, TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 20; i++)
        {
            var database = nodes.Multiplexers[i % 3].GetDatabase();
            await database.StringSetAsync("large", large);
            using var read = await database.StringGetLeaseAsync("large");
            Assert.Equal(large.Length, read?.Length);
        }

        await nodes.TrustedAsync();
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }
}
