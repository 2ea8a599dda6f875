using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Hosting;
using Unstale.Log;
using Unstale.Remote;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;

namespace Unstale.Tests.Partitions;

/// <summary>One process whose log has several partitions, each on a server of its own.</summary>
internal sealed class PartitionedNode : IAsyncDisposable
{
    private const string CacheName = "shop";
    private readonly ServiceProvider _services;

    public PartitionedNode(
        IReadOnlyList<InMemoryServer> servers, TimeProvider time, Action<UnstaleOptions>? configure, Action<IUnstaleBuilder>? build)
    {
        Clients = [.. servers.Select(server => new InMemoryClient(server))];
        var services = new ServiceCollection();
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        services.AddSingleton(time);
        services.AddKeyedSingleton<ILogSource>(CacheName, new Source(Clients));
        services.AddKeyedSingleton<IRemoteStore>(CacheName, new PartitionedStore(Clients));
        var builder = services.AddUnstale(CacheName, o =>
        {
            o.Log = "shared";
            o.RecordDependencies = false;
            configure?.Invoke(o);
        });
        build?.Invoke(builder);
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredKeyedService<UnstaleCache>(CacheName);
    }

    public IReadOnlyList<InMemoryClient> Clients { get; }

    public CapturedLog Log { get; } = new();

    public UnstaleCache Cache { get; }

    public IInvalidator Invalidator => Cache.Invalidator;

    public ValueTask<CacheResult<string>> ReadAsync(string key, Cluster.Source source, params string[] tags) =>
        Cache.GetOrCreateResultAsync(key, source, static (s, _, token) => s.LoadAsync(token), null, tags);

    public bool Holds(string key) => Cache.TryGet(key, out string _);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Source(IReadOnlyList<InMemoryClient> clients) : ILogSource
    {
        public string Cache => CacheName;

        public string Place => "memory";

        public int Partitions => clients.Count;

        public IInvalidationLog Create(string log, int partition) => clients[partition];
    }
}
