using Unstale.Redis;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Nodes over one server, each behind its own relay, and the source of truth behind their caches.</summary>
internal sealed class RedisCluster : NodeGroup
{
    private readonly List<TcpRelay> _relays = [];

    private RedisCluster(RedisServer server) => Server = server;

    /// <summary>Staleness bound of the nodes. Short, so that it passes during a test.</summary>
    public static TimeSpan Bound { get; } = TimeSpan.FromSeconds(2);

    public RedisServer Server { get; }

    public static async Task<RedisCluster> StartAsync(int nodes, params string[] serverArguments)
    {
        var cluster = new RedisCluster(await RedisServer.StartAsync(serverArguments));
        for (var i = 0; i < nodes; i++)
            cluster.Add();
        await cluster.TrustedAsync();
        return cluster;
    }

    public RedisNode Add(Action<RedisOptions>? redis = null, Action<UnstaleOptions>? configure = null, Action<InvalidationLogOptions>? log = null)
    {
        var relay = new TcpRelay(Server.Port);
        _relays.Add(relay);
        return Add(new RedisNode(
            Nodes.Count,
            o =>
            {
                o.Configuration = $"127.0.0.1:{relay.Port}";
                redis?.Invoke(o);
            },
            configure,
            log: o =>
            {
                o.StalenessBound = Bound;
                log?.Invoke(o);
            }));
    }

    public TcpRelay Relay(RedisNode node) => _relays[node.Number];

    /// <summary>Cuts all connections and redirects the relays to another server.</summary>
    public void MoveTo(RedisServer other)
    {
        foreach (var relay in _relays)
            relay.Cut();
        foreach (var relay in _relays)
            relay.LeadTo(other.Port);
    }

    public void CutAll()
    {
        foreach (var relay in _relays)
            relay.Cut();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var relay in _relays)
            await relay.DisposeAsync();
        await Server.DisposeAsync();
    }
}
