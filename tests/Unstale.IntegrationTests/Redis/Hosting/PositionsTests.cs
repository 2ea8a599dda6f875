using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Waiting for other nodes, over a real server.</summary>
public sealed class PositionsTests : IAsyncLifetime
{
    private const int Rounds = 50;
    private readonly List<ServiceProvider> _nodes = [];
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        for (var i = 0; i < 3; i++)
            _nodes.Add(Build());
        foreach (var cache in Caches)
            await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(cache.GetLogState().IsTrusted));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _server.DisposeAsync();
    }

    private IReadOnlyList<UnstaleCache> Caches => [.. _nodes.Select(n => n.GetRequiredService<UnstaleCache>())];

    [Fact]
    public async Task No_node_holds_the_key_after_WaitForAllNodes()
    {
        for (var i = 0; i < Rounds; i++)
        {
            await LoadAsync();
            var receipt = await Caches[i % 3].Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            await receipt.WaitForAllNodesAsync(Stop);
            Assert.All(Caches, c => Assert.False(c.TryGet("k", out int _)));
        }
    }

    [Fact]
    public async Task After_a_wait_for_a_position_a_node_does_not_hold_the_key_invalidated_at_the_position()
    {
        for (var i = 0; i < Rounds; i++)
        {
            await LoadAsync();
            var receipt = await Caches[0].Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            Assert.Equal(PositionStatus.Reached, await Caches[1].WaitForPositionAsync(receipt.Positions.ToString(), cancellationToken: Stop));
            Assert.False(Caches[1].TryGet("k", out int _));
        }

        Assert.NotEqual(PositionStatus.Reached, await Caches[1].WaitForPositionAsync(new LogPosition(0, Generation.Create(), 1), cancellationToken: Stop));
    }

    private async Task LoadAsync()
    {
        foreach (var cache in Caches)
            await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop);
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddUnstale().UseRedis(_server.EndPoint.ToString());
        services.AddInvalidationLog(static o => o.StalenessBound = TimeSpan.FromMilliseconds(800));
        return services.BuildServiceProvider();
    }
}
