using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.IntegrationTests.Redis.Hosting;
using Unstale.IntegrationTests.Support;
using Unstale.Node;
using Unstale.Redis;
using Unstale.Redis.Connection;
using Unstale.Redis.Hosting;
using Unstale.Values;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Process of a cluster, registered as in an application and hosted in the test process.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    public const string CacheName = "shop";
    private const string LogName = "log";
    private const string NeighbourName = "neighbour";

    private readonly ServiceProvider _services;
    private readonly string? _neighbourLog;
    private readonly MonotonicClock _clock = new(TimeProvider.System);

    /// <param name="number">Index of the node in its group.</param>
    /// <param name="redis">Options of the connection to the server.</param>
    /// <param name="configure">Further options of the cache.</param>
    /// <param name="more">Further services.</param>
    /// <param name="neighbour">Log of a second cache over the same connections, which is opened first. Default: none.</param>
    /// <param name="log">Options of the logs. Default: none.</param>
    public RedisNode(
        int number,
        Action<RedisOptions> redis,
        Action<UnstaleOptions>? configure = null,
        Action<IServiceCollection>? more = null,
        string? neighbour = null,
        Action<InvalidationLogOptions>? log = null)
    {
        Number = number;
        var services = new ServiceCollection();
        more?.Invoke(services);
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Information).AddProvider(Received));
        Add(services, CacheName, LogName, redis, configure);
        if (neighbour is not null)
            Add(services, NeighbourName, neighbour, redis, configure);
        if (log is not null)
            services.ConfigureAll(log);
        _services = services.BuildServiceProvider();
        _neighbourLog = neighbour;
        if (neighbour is not null)
        {
            Neighbour = _services.GetRequiredKeyedService<UnstaleCache>(NeighbourName);
            NeighbourNode = PartitionsOf(NeighbourName).Nodes[0];
        }

        Cache = _services.GetRequiredKeyedService<UnstaleCache>(CacheName);
        Partitions = PartitionsOf(CacheName);
    }

    public int Number { get; }

    /// <summary>Name of the node in CLIENT LIST.</summary>
    public string ClientName => $"node{Number}";

    public ReceivedLines Received { get; } = new();

    public UnstaleCache Cache { get; }

    public UnstaleCache? Neighbour { get; }

    /// <summary>Nodes of the log, one for each partition.</summary>
    public LogPartitions Partitions { get; }

    /// <summary>Node of the first partition, the only one of most logs.</summary>
    public LogNode Node => Partitions.Nodes[0];

    public LogNode? NeighbourNode { get; }

    public IInvalidator Invalidator => Cache.Invalidator;

    /// <summary>Whether every partition is trusted.</summary>
    public bool IsTrusted => Partitions.Nodes.All(node => node.Horizon.View.IsTrusted(_clock.Now));

    public bool IsNeighbourTrusted => NeighbourNode!.Horizon.View.IsTrusted(_clock.Now);

    /// <summary>Number of the link over which the log was tailed. Null if there is none.</summary>
    public long? Link => LinkOf(CacheName, LogName);

    /// <summary>Number of the link of the second cache's log.</summary>
    public long? NeighbourLink => LinkOf(NeighbourName, _neighbourLog!);

    /// <summary>Number of invalidations queued for the log.</summary>
    public int Queued => Partitions.Nodes.Sum(static node =>
    {
        lock (node.Horizon.Gate)
            return node.Horizon.Queued;
    });

    /// <summary>Positions up to which each partition was applied.</summary>
    public LogPositions Positions => Cache.GetLogState().Positions;

    public LogPosition Position
    {
        get
        {
            lock (Node.Horizon.Gate)
                return Node.Horizon.Position;
        }
    }

    public bool IsTrustedIn(int partition) => Partitions.Nodes[partition].Horizon.View.IsTrusted(_clock.Now);

    public bool Holds(string key) => Cache.TryGet(key, out long _);

    public bool Says(string text) => Times(text) > 0;

    public int Times(string text) => Received.Lines.Count(l => l.Text.Contains(text, StringComparison.Ordinal));

    public ValueTask<CacheResult<long>> ReadAsync(string key, Truth truth, params string[] tags) =>
        Cache.GetOrCreateResultAsync(key, (truth, key), static (s, _, token) => s.truth.LoadAsync(s.key, token), options: null, tags, CancellationToken.None);

    public Task TrustedAsync() => Eventually.TrueAsync($"{ClientName} is trusted", () => Task.FromResult(IsTrusted));

    public Task NotTrustedAsync() => Eventually.TrueAsync($"{ClientName} is not trusted any more", () => Task.FromResult(!IsTrusted));

    private LogPartitions PartitionsOf(string cache) =>
        _services.GetRequiredService<LogNodes>().Get(_services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache));

    private long? LinkOf(string cache, string log) => _services.GetRequiredService<RedisRegistry>().Logs(cache, log)[0].Session?.Link?.Number;

    private void Add(ServiceCollection services, string cache, string log, Action<RedisOptions> redis, Action<UnstaleOptions>? configure) => services.AddUnstale(cache, o =>
    {
        o.Log = log;
        configure?.Invoke(o);
    }).UseRedis(o =>
    {
        redis(o);
        if (o.Configuration.Length > 0)
        {
            o.ConfigurationOptions = ConnectionString.Parse(o.Configuration);
            o.Configuration = "";
        }

        if (o.ConfigurationOptions is { } made)
            made.ClientName = ClientName;
    });

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Received.Dispose();
    }
}
