using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.Measuring;
using Unstale.Horizon;
using Unstale.Hosting;

namespace Unstale.Benchmarks.Redis.Nodes;

/// <summary>Process of a cluster: a cache over the private server, obtained as in an application.</summary>
internal sealed class RedisNode : IDisposable
{
    public const string CacheName = "bench", LogName = "bench";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromMilliseconds(5);

    private readonly ServiceProvider _services;

    public RedisNode(PrivateRedis server)
    {
        var services = new ServiceCollection();
        services.AddUnstale(CacheName, options =>
        {
            options.Log = LogName;
            options.MaximumEntries = 1_000_000;
            options.DefaultExpiration = TimeSpan.FromHours(1);
        }).UseRedis(server.EndPoint);
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredKeyedService<UnstaleCache>(CacheName);
        Horizon = _services.GetRequiredService<LogNodes>().Get(new UnstaleOptions { Log = LogName }).Nodes[0].Horizon;
        new ValueTask(ReadyAsync()).Wait();
    }

    public UnstaleCache Cache { get; }

    public IInvalidator Invalidator => Cache.Invalidator;

    private PartitionHorizon Horizon { get; }

    /// <summary>Notifies a member of each invalidated key as soon as this node no longer serves it, until the result is disposed.</summary>
    public IDisposable Tell(ILocalStore member) => new Seat(Horizon, member);

    public void Dispose() => _services.DisposeAsync().Wait();

    /// <summary>Waits until the node has its position in the log. Before that the node serves from the source and stores nothing.</summary>
    private async Task ReadyAsync()
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!Cache.TryGet("ready", out string _))
        {
            await Cache.GetOrCreateAsync("ready", static _ => ValueTask.FromResult("yes"), cancellationToken: limit.Token).ConfigureAwait(false);
            await Task.Delay(Pause, TimeProvider.System, limit.Token).ConfigureAwait(false);
        }
    }

    private sealed class Seat : IDisposable
    {
        private readonly PartitionHorizon _horizon;
        private readonly ILocalStore _member;

        public Seat(PartitionHorizon horizon, ILocalStore member)
        {
            (_horizon, _member) = (horizon, member);
            lock (_horizon.Gate)
                _horizon.Add(_member);
        }

        public void Dispose()
        {
            lock (_horizon.Gate)
                _horizon.Remove(_member);
        }
    }
}
