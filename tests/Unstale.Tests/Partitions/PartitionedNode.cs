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
        services.AddKeyedSingleton<IRemoteStore>(CacheName, new Store(Clients));
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
        Cache.GetWithInfoAsync(key, source, static (s, _, token) => s.LoadAsync(token), null, tags);

    public bool Holds(string key) => Cache.TryGet(key, out string _);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Source(IReadOnlyList<InMemoryClient> clients) : ILogSource
    {
        public string Cache => CacheName;

        public string Place => "memory";

        public int Partitions => clients.Count;

        public IInvalidationLog Create(string log, int partition) => clients[partition];
    }

    private sealed class Store(IReadOnlyList<InMemoryClient> clients) : IRemoteStore
    {
        public ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken) =>
            clients[partition].GetAsync(partition, key, generation, cancellationToken);

        public ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken) =>
            clients[partition].GetOrLeaseAsync(partition, key, generation, request, cancellationToken);

        public ValueTask<bool> FillAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken) =>
            clients[lease.Partition].FillAsync(lease, generation, value, cancellationToken);

        public ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken) =>
            clients[lease.Partition].RenewAsync(lease, life, cancellationToken);

        public ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) => clients[lease.Partition].DropAsync(lease, cancellationToken);

        public ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) => clients[lease.Partition].ReleaseAsync(lease, cancellationToken);

        public ValueTask<RemoteSetReply> SetAsync(
            int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken) =>
            clients[partition].SetAsync(partition, record, generation, key, value, cancellationToken);
    }
}
