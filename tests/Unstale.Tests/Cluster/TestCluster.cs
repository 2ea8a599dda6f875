using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;

namespace Unstale.Tests.Cluster;

/// <summary>Nodes over one in-memory server, on one manual clock.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly List<ClusterNode> _nodes = [];

    public TestCluster(int nodes = 2, Action<UnstaleOptions>? configure = null, bool withRemote = true, Action<InvalidationLogOptions>? log = null)
    {
        Server = new InMemoryServer(Clock);
        for (var i = 0; i < nodes; i++)
            Add(configure, withRemote, ofLog: log);
    }

    public SteppedTimeProvider Clock { get; } = new();

    public InMemoryServer Server { get; }

    public ClusterNode A => _nodes[0];

    public ClusterNode B => _nodes[1];

    public IReadOnlyList<ClusterNode> Nodes => _nodes;

    public ClusterNode Add(
        Action<UnstaleOptions>? configure = null,
        bool withRemote = true,
        string log = "shared",
        Action<IServiceCollection>? more = null,
        Action<InvalidationLogOptions>? ofLog = null)
    {
        var node = new ClusterNode(Server, Clock, configure, withRemote, log, more, ofLog);
        _nodes.Add(node);
        return node;
    }

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public async ValueTask DisposeAsync()
    {
        // The end of a node waits for its queue by the manual clock.
        foreach (var node in _nodes)
            await Eventually.Ends("the node ends", node.DisposeAsync().AsTask(), () => Advance(.5));
    }
}
