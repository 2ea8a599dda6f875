using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Unstale.IntegrationTests.Redis.Cluster;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Three nodes over one topology, each with its own network.</summary>
internal sealed class TopologyNodes : NodeGroup
{
    private const int Count = 3;

    private readonly List<RelayNetwork> _networks = [];
    private readonly List<ConnectionMultiplexer> _multiplexers = [];

    private TopologyNodes()
    {
    }

    /// <summary>Network of each node, by number.</summary>
    public IReadOnlyList<RelayNetwork> Networks => _networks;

    /// <param name="configuration">Connection string of an application.</param>
    /// <param name="neighbour">Log of a second cache over the same connections, which is opened first. Default: none.</param>
    /// <param name="partitions">Number of partitions of the log. Default: 1.</param>
    public static Task<TopologyNodes> StartAsync(string configuration, string? neighbour = null, int partitions = 1) =>
        StartAsync(() => ConfigurationOptions.Parse(configuration), neighbour, partitions);

    /// <param name="configuration">Function that creates the settings of one node.</param>
    /// <param name="neighbour">Log of a second cache over the same connections, which is opened first. Default: none.</param>
    /// <param name="partitions">Number of partitions of the log. Default: 1.</param>
    public static async Task<TopologyNodes> StartAsync(Func<ConfigurationOptions> configuration, string? neighbour = null, int partitions = 1)
    {
        var nodes = new TopologyNodes();
        try
        {
            for (var i = 0; i < Count; i++)
                nodes.Add(configuration(), neighbour, partitions);
            await nodes.TrustedAsync();
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts nodes over multiplexers of the application, one each, which are registered in its container or created by a factory.</summary>
    /// <param name="configuration">Connection string of the application.</param>
    /// <param name="byFactory">Whether the options have a factory.</param>
    public static async Task<TopologyNodes> StartSharedAsync(string configuration, bool byFactory = false)
    {
        var nodes = new TopologyNodes();
        try
        {
            for (var i = 0; i < Count; i++)
                await nodes.AddSharedAsync(ConfigurationOptions.Parse(configuration), byFactory);
            await nodes.TrustedAsync();
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns a fault that cuts every node off for a while.</summary>
    public Fault CutOff(int milliseconds) => new($"every node cut off for {milliseconds} ms", async () =>
    {
        foreach (var network in _networks)
            network.Cut();
        await Load.RunsAsync(milliseconds);
        foreach (var network in _networks)
            network.Mend();
    });

    public Fault ResetAll => new("RST of every connection", () =>
    {
        foreach (var network in _networks)
            network.Reset();
        return Task.CompletedTask;
    });

    /// <summary>Returns a fault that loses every reply, while servers execute the requests of nodes.</summary>
    public Fault LoseReplies(int milliseconds) => new($"every reply lost for {milliseconds} ms", async () =>
    {
        foreach (var network in _networks)
            network.Hold(repliesOnly: true);
        await Load.RunsAsync(milliseconds);
        foreach (var network in _networks)
        {
            network.Reset();
            network.Release();
        }
    });

    /// <summary>Returns a fault that slows the network and cuts every frame into pieces.</summary>
    public Fault Slow(int milliseconds, int latency) => new($"{latency} ms late and in pieces for {milliseconds} ms", async () =>
    {
        foreach (var network in _networks)
            network.Slow(latency, slice: 7);
        await Load.RunsAsync(milliseconds);
        foreach (var network in _networks)
            network.Slow(0, int.MaxValue);
    });

    /// <summary>Fault: the network drops existing connections, without notice to either side.</summary>
    public Fault Strand => new("standing connections silent for good", () =>
    {
        foreach (var network in _networks)
            network.Strand();
        return Task.CompletedTask;
    });

    /// <summary>Returns a fault that stops the traffic of one node for longer than the bound, with its connections open.</summary>
    public Fault HoldOne(int milliseconds) => new($"one node's network silent for {milliseconds} ms", async () =>
    {
        _networks[0].Hold();
        await Load.RunsAsync(milliseconds);
        _networks[0].Release();
    });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var multiplexer in _multiplexers)
            await multiplexer.DisposeAsync();
        foreach (var network in _networks)
            await network.DisposeAsync();
    }

    /// <summary>Multiplexers of applications, one for each node.</summary>
    public IReadOnlyList<ConnectionMultiplexer> Multiplexers => _multiplexers;

    private static void Short(InvalidationLogOptions log) => log.StalenessBound = RedisCluster.Bound;

    private async Task AddSharedAsync(ConfigurationOptions configuration, bool byFactory)
    {
        var network = new RelayNetwork();
        _networks.Add(network);
        configuration.Tunnel = network;
        configuration.ClientName = $"node{Nodes.Count}";
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
        _multiplexers.Add(multiplexer);
        Add(new RedisNode(
            Nodes.Count,
            o => o.ConnectionMultiplexerFactory = byFactory ? () => Task.FromResult<IConnectionMultiplexer>(multiplexer) : null,
            more: services => services.AddSingleton<IConnectionMultiplexer>(multiplexer),
            log: Short));
    }

    private void Add(ConfigurationOptions configuration, string? neighbour, int partitions)
    {
        var network = new RelayNetwork();
        _networks.Add(network);
        configuration.Tunnel = network;
        Add(new RedisNode(
            Nodes.Count,
            o =>
            {
                o.ConfigurationOptions = configuration;
                o.Partitions = partitions;
            },
            o => o.RecordDependencies = partitions == 1,
            neighbour: neighbour,
            log: Short));
    }
}
