using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>Node of the library beside the bare client: the log <c>shop</c>, the default cache, the channels of docs/wire-format.md.</summary>
internal sealed class WireNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private WireNode(RedisServer server)
    {
        var services = new ServiceCollection();
        services.AddUnstale(static o => o.Log = "shop").UseRedis(server.EndPoint.ToString()).UseChannel(static o =>
        {
            o.ServiceName = "shop";
            o.AddChannel(ForeignChannels.ProductUpdates, ForeignChannels.ReadProductUpdate).AddChannel(ForeignChannels.Events, ForeignChannels.ReadEvent);
        });
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredService<UnstaleCache>();
        Invalidator = _services.GetRequiredService<IInvalidator>();
        Publisher = _services.GetRequiredService<InvalidationPublisher>();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public UnstaleCache Cache { get; }

    public IInvalidator Invalidator { get; }

    public InvalidationPublisher Publisher { get; }

    public static async Task<WireNode> StartAsync(RedisServer server)
    {
        var node = new WireNode(server);
        foreach (var service in node._services.GetServices<IHostedService>())
            await service.StartAsync(Stop);
        await node._services.GetRequiredKeyedService<ChannelBridge>("default").Subscribed;
        await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(node.Cache.GetLogState().IsTrusted));
        return node;
    }

    public bool Holds(string key) => Cache.TryGet(key, out string? _);

    public Task KeepsAsync(string key, params string[] tags) => Eventually.TrueAsync($"the cache keeps {key}", async () =>
    {
        await Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("made by the node"), tags: tags, cancellationToken: Stop);
        return Holds(key);
    });

    public Task LosesAsync(string key) => Eventually.TrueAsync($"the cache let go of {key}", () => Task.FromResult(!Holds(key)));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
            await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
