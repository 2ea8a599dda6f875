using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;

namespace Unstale.Tests.Partitions;

/// <summary>Nodes over one server per partition of their log, on one manual clock.</summary>
internal sealed class PartitionedCluster : IAsyncDisposable
{
    private readonly List<PartitionedNode> _nodes = [];

    public PartitionedCluster(int partitions = 4, int nodes = 2, Action<UnstaleOptions>? configure = null, Action<IUnstaleBuilder>? build = null)
    {
        Servers = [.. Enumerable.Range(0, partitions).Select(_ => new InMemoryServer(Clock))];
        for (var i = 0; i < nodes; i++)
            _nodes.Add(new PartitionedNode(Servers, Clock, configure, build));
    }

    public SteppedTimeProvider Clock { get; } = new();

    public IReadOnlyList<InMemoryServer> Servers { get; }

    public PartitionedNode A => _nodes[0];

    public PartitionedNode B => _nodes[1];

    public IReadOnlyList<PartitionedNode> Nodes => _nodes;

    /// <summary>Number of records in each partition.</summary>
    public long[] Records => [.. Servers.Select(static server => server.Sequence)];

    public int PartitionOf(string key) => KeyPartition.ForKey(key, Servers.Count);

    /// <summary>Returns the first keys of a partition.</summary>
    public string[] KeysOf(int partition, int count = 1, string prefix = "k") =>
        [.. Enumerable.Range(0, int.MaxValue).Select(i => $"{prefix}:{i}").Where(key => PartitionOf(key) == partition).Take(count)];

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await Eventually.Ends("the node ends", node.DisposeAsync().AsTask(), () => Advance(.5));
    }
}
