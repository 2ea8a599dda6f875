using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.Log;
using Unstale.Node;
using Unstale.Remote;
using Unstale.Tests.Remote;
using Unstale.Values;

namespace Unstale.Tests.Cluster;

/// <summary>One process of a cluster: a cache with two levels, as registered by an application.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private const string CacheName = "shop";
    private readonly ServiceProvider _services;
    private readonly TimeProvider _time;

    public ClusterNode(
        InMemoryServer server,
        TimeProvider time,
        Action<UnstaleOptions>? configure,
        bool withRemote,
        string log = "shared",
        Action<IServiceCollection>? more = null,
        Action<InvalidationLogOptions>? ofLog = null)
    {
        Client = new InMemoryClient(server, log);
        var services = new ServiceCollection();
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        services.AddSingleton(time);
        services.AddKeyedSingleton<IInvalidationLog>(Client.Name, Client);
        if (withRemote)
            services.AddKeyedSingleton<IRemoteStore>(CacheName, Client);
        services.AddUnstale(CacheName, o =>
        {
            o.Log = Client.Name;
            configure?.Invoke(o);
        }).AddDistributedCache();
        if (ofLog is not null)
            services.AddInvalidationLog(Client.Name, ofLog);
        more?.Invoke(services);
        _time = time;
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredKeyedService<UnstaleCache>(CacheName);
        Node = _services.GetRequiredService<LogNodes>().Get(_services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(CacheName)).Nodes[0];
    }

    public InMemoryClient Client { get; }

    public ServerFaults Faults => Client.Faults;

    public InMemorySession Session => Client.Session;

    public CapturedLog Log { get; } = new();

    public UnstaleCache Cache { get; }

    public LogNode Node { get; }

    public IInvalidator Invalidator => Cache.Invalidator;

    public LogPosition Position
    {
        get
        {
            lock (Node.Horizon.Gate)
                return Node.Horizon.Position;
        }
    }

    public ValueTask<CacheResult<string>> ReadAsync(string key, Source source, UnstaleEntryOptions? options = null, params string[] tags) =>
        Cache.GetOrCreateResultAsync(key, source, static (s, _, token) => s.LoadAsync(token), options, tags);

    public bool IsTrusted => Node.Horizon.View.IsTrusted(new MonotonicClock(_time).Now);

    public bool Holds(string key) => Cache.TryGet(key, out string _);

    public IBufferDistributedCache Distributed => _services.GetRequiredKeyedService<IBufferDistributedCache>(CacheName);

    public UnstaleCache CacheNamed(string name) => _services.GetRequiredKeyedService<UnstaleCache>(name);

    /// <summary>Makes the log unavailable: calls refused, never executed, without a reply, or the connection cut.</summary>
    public void Break(string outage)
    {
        if (outage == "refused")
            Faults.Refuses = _ => true;
        else if (outage == "never answered")
            Faults.Ignores = _ => true;
        else if (outage == "reply lost")
            Faults.LosesReplies = _ => true;
        else
            Session.Cut();
    }

    /// <summary>Ends all faults. Ignored calls end with their connection, so a new one is opened.</summary>
    public void Heal()
    {
        Faults.Clear();
        Session.Cut();
        Session.Reconnect();
    }

    public void Dispose() => _services.Dispose();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
