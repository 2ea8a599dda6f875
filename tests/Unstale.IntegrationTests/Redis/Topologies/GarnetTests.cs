using StackExchange.Redis;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Server without streams, which cannot hold the log: refused by name, and reads use the source.</summary>
public sealed class GarnetTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Garnet_is_refused_by_name_and_reads_go_to_the_source(string protocol)
    {
        using var garnet = new GarnetRig();
        var configuration = $"127.0.0.1:{garnet.Port},protocol={protocol}";
        await using var client = await ConnectionMultiplexer.ConnectAsync(configuration);
        await client.GetDatabase().StringSetAsync("it", "answers");
        Assert.Contains("unknown command", (await Assert.ThrowsAsync<RedisServerException>(() => client.GetDatabase().StreamAddAsync("s", "f", "v"))).Message, StringComparison.Ordinal);

        var truth = new Truth();
        await using var node = new RedisNode(0, o => o.Configuration = configuration, log: static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        Assert.Equal(CacheOutcome.Load, (await node.ReadAsync("k", truth)).Outcome);
        truth.Commit("k", 0);
        Assert.Equal(ReceiptState.Queued, (await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).State);
        Assert.Equal(new CacheResult<long>(1, CacheOutcome.Load), await node.ReadAsync("k", truth));
        await Eventually.TrueAsync("the server is named, and that which it lacks", () => Task.FromResult(node.Says("is Garnet, which has no streams")));
        Assert.False(node.IsTrusted);
    }
}
