using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Redis.Hosting;
using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Unstale.Redis.Channel;
using Unstale.Rules;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Process with a cache bridged to a channel, hosted in the test process.</summary>
internal sealed class ChannelNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private ChannelNode(RedisServer server, Action<ChannelBridgeOptions>? configure, string prefix, Action<RuleSetBuilder>? rules, int database, string? user, int partitions)
    {
        var services = new ServiceCollection();
        services.AddLogging(l => l.AddProvider(Received));
        services.AddUnstale(o =>
        {
            o.Log = "log";
            o.RecordDependencies = partitions == 1;
        }).UseRedis($"redis://{(user is null ? "" : user + "@")}{server.EndPoint}/{database}", o =>
        {
            o.KeyPrefix = prefix;
            o.Partitions = partitions;
        }).UseChannel(o =>
        {
            o.ServiceName = "node";
            configure?.Invoke(o);
        }).AddRules(r => rules?.Invoke(r));
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredService<UnstaleCache>();
        Publisher = _services.GetRequiredService<InvalidationPublisher>();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ReceivedLines Received { get; } = new();

    public UnstaleCache Cache { get; }

    public InvalidationPublisher Publisher { get; }

    public ChannelCounters Figures => Publisher.Statistics.Snapshot();

    public static async Task<ChannelNode> StartAsync(RedisServer server, Action<ChannelBridgeOptions>? configure = null, string prefix = RedisOptions.DefaultKeyPrefix, Action<RuleSetBuilder>? rules = null, int database = 0, string? user = null, int partitions = 1)
    {
        var node = new ChannelNode(server, configure, prefix, rules, database, user, partitions);
        foreach (var service in node._services.GetServices<IHostedService>())
            await service.StartAsync(Stop);
        await node._services.GetRequiredKeyedService<ChannelBridge>("default").Subscribed;
        return node;
    }

    public bool Holds(string key) => Cache.TryGet(key, out int _);

    public Task HoldsAsync(string key, params string[] tags) => Eventually.TrueAsync($"the cache keeps {key}", async () =>
    {
        await Cache.GetOrCreateAsync(key, static _ => new ValueTask<int>(1), tags: tags, cancellationToken: Stop);
        return Holds(key);
    });

    public InvalidationRules Rules => _services.GetRequiredService<InvalidationRules>();

    public Task LosesAsync(string key) => Eventually.TrueAsync($"the cache let go of {key}", () => Task.FromResult(!Holds(key)));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
            await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        Received.Dispose();
    }
}
