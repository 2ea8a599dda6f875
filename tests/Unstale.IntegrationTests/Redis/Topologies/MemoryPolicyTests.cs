using System.Globalization;
using Unstale.IntegrationTests.Redis.Cluster;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Server whose memory is full, with every eviction policy: keys of any kind are evicted, or writes are refused.</summary>
public sealed class MemoryPolicyTests
{
    /// <summary>Memory above the amount in use, in bytes: less than the load fills.</summary>
    private const long Room = 20_000;

    [Theory]
    [InlineData("noeviction")]
    [InlineData("allkeys-lru")]
    [InlineData("allkeys-lfu")]
    [InlineData("allkeys-random")]
    [InlineData("volatile-lru")]
    [InlineData("volatile-lfu")]
    [InlineData("volatile-random")]
    [InlineData("volatile-ttl")]
    public async Task A_full_server_makes_no_read_stale_whatever_its_policy(string policy)
    {
        await using var redis = await RedisServer.StartAsync("--maxmemory-policy", policy, "--maxmemory-samples", "3");
        await using var nodes = await TopologyNodes.StartAsync($"127.0.0.1:{redis.Port}");
        await using var load = new Load(nodes, RedisCluster.Bound, TimeSpan.FromMilliseconds(20));
        await Load.RunsAsync(300);
        var (loads, reads) = (nodes.Truth.Loads, load.Reads);
        for (var round = 0; round < 3; round++)
        {
            var used = long.Parse(await redis.InfoAsync("memory", "used_memory"), CultureInfo.InvariantCulture);
            await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", (used + (round == 0 ? Room : -Room)).ToString(CultureInfo.InvariantCulture));
            await Load.RunsAsync(500);
        }

        var evicted = long.Parse(await redis.InfoAsync("stats", "evicted_keys"), CultureInfo.InvariantCulture);
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        var begin = TimeProvider.System.GetTimestamp();
        await nodes.TrustedAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{policy}: {evicted} keys evicted, {load.Queued} writes queued, {load.Stale} stale, {nodes.Truth.Loads - loads} loads of {load.Reads - reads} reads, trusted again after {TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds:F0} ms");
        Assert.Equal(policy == "noeviction", evicted == 0);
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }
}
