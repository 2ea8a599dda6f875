using Unstale.IntegrationTests.Support;
using Unstale.Redis;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Nodes over one server, each behind a relay of its own, and the truth that they cache.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private readonly List<RedisNode> _nodes = [];
    private readonly List<TcpRelay> _relays = [];

    private RedisCluster(RedisServer server) => Server = server;

    /// <summary>Short, so that it passes while a test watches.</summary>
    public static TimeSpan Bound { get; } = TimeSpan.FromSeconds(2);

    public RedisServer Server { get; }

    public IReadOnlyList<RedisNode> Nodes => _nodes;

    public Truth Truth { get; } = new();

    public RedisNode this[int number] => _nodes[number];

    public static async Task<RedisCluster> StartAsync(int nodes, params string[] serverArguments)
    {
        var cluster = new RedisCluster(await RedisServer.StartAsync(serverArguments));
        for (var i = 0; i < nodes; i++)
            cluster.Add();
        await cluster.TrustedAsync();
        return cluster;
    }

    /// <summary>One more node.</summary>
    public RedisNode Add(Action<RedisOptions>? redis = null, Action<UnstaleOptions>? configure = null)
    {
        var relay = new TcpRelay(Server.Port);
        _relays.Add(relay);
        var node = new RedisNode(
            _nodes.Count,
            o =>
            {
                o.Configuration = $"127.0.0.1:{relay.Port}";
                redis?.Invoke(o);
            },
            o =>
            {
                o.StalenessBound = Bound;
                configure?.Invoke(o);
            });
        _nodes.Add(node);
        return node;
    }

    public TcpRelay Relay(RedisNode node) => _relays[node.Number];

    /// <summary>Cuts all off, and leads them to another server.</summary>
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

    public async Task TrustedAsync()
    {
        foreach (var node in _nodes)
            await node.TrustedAsync();
    }

    /// <summary>All nodes follow one history to the same place, and nothing waits for the log.</summary>
    public Task AgreedAsync() => Eventually.TrueAsync(
        "all nodes are trusted, stand at one place and have nothing queued",
        () => Task.FromResult(_nodes.All(n => n.IsTrusted && n.Queued == 0) && _nodes.Select(n => n.Position).Distinct().Count() == 1));

    /// <summary>Reads until the node holds the value of the moment.</summary>
    public Task HoldsAsync(RedisNode node, string key, params string[] tags) => Eventually.TrueAsync(
        $"{node.ClientName} holds {key}",
        async () => (await node.ReadAsync(key, Truth, tags)).Value == Truth.Version(key) && node.Holds(key));

    public async Task HoldsEverywhereAsync(string key, params string[] tags)
    {
        foreach (var node in _nodes)
            await HoldsAsync(node, key, tags);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        foreach (var relay in _relays)
            await relay.DisposeAsync();
        await Server.DisposeAsync();
    }
}
