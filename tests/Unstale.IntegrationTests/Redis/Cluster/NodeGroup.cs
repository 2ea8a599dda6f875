using Unstale.IntegrationTests.Support;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Nodes of one log, and the source of truth behind their caches.</summary>
internal class NodeGroup : IAsyncDisposable
{
    private readonly List<RedisNode> _nodes = [];

    public IReadOnlyList<RedisNode> Nodes => _nodes;

    public Truth Truth { get; } = new();

    public RedisNode this[int number] => _nodes[number];

    public RedisNode Add(RedisNode node)
    {
        _nodes.Add(node);
        return node;
    }

    public async Task TrustedAsync()
    {
        foreach (var node in _nodes)
            await node.TrustedAsync();
    }

    /// <summary>Waits until all nodes are trusted at the same position and have nothing queued.</summary>
    public Task AgreedAsync() => Eventually.TrueAsync(
        "all nodes are trusted, stand at one place and have nothing queued",
        () => Task.FromResult(_nodes.All(n => n.IsTrusted && n.Queued == 0) && _nodes.Select(n => n.Positions).Distinct().Count() == 1));

    /// <summary>Reads until the node holds the current version.</summary>
    public Task HoldsAsync(RedisNode node, string key, params string[] tags) => Eventually.TrueAsync(
        $"{node.ClientName} holds {key}",
        async () => (await node.ReadAsync(key, Truth, tags)).Value == Truth.Version(key) && node.Holds(key));

    public async Task HoldsEverywhereAsync(string key, params string[] tags)
    {
        foreach (var node in _nodes)
            await HoldsAsync(node, key, tags);
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }
}
