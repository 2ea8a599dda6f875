using Unstale.Log;
using Unstale.Remote;

namespace Unstale.Tests.Remote;

/// <summary>Access of one process to the in-memory server: the log, and the second level over the connection of its first session.</summary>
internal sealed class InMemoryClient(InMemoryServer server, string name = "shared") : IInvalidationLog, IRemoteStore
{
    private readonly List<InMemorySession> _sessions = [];

    public ServerFaults Faults { get; } = new();

    public string Name => name;

    public bool IsLocal => false;

    /// <summary>The newest session.</summary>
    public InMemorySession Session => _sessions[^1];

    public ILogSession Open(ILogObserver observer)
    {
        var session = new InMemorySession(server, Faults, observer);
        _sessions.Add(session);
        session.Reconnect();
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.DisposeAsync();
    }

    public ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken) =>
        Session.CallAsync(ServerScript.Get, _ => server.Scripts.Read(key, generation), cancellationToken);

    public ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken) =>
        Session.CallAsync(ServerScript.GetOrLease, _ => server.Scripts.GetOrLease(partition, key, generation, request), cancellationToken);

    public ValueTask<bool> StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken) =>
        Session.CallAsync(ServerScript.Load, _ => server.Scripts.Load(lease, generation, value), cancellationToken);

    public ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken) =>
        Session.CallAsync(ServerScript.Renew, _ => server.Scripts.Renew(lease, life), cancellationToken);

    public async ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) =>
        await Session.CallAsync(ServerScript.Drop, _ => server.Scripts.Drop(lease), cancellationToken);

    public async ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) =>
        await Session.CallAsync(ServerScript.Release, _ => Released(lease), cancellationToken);

    public ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken) =>
        Session.CallAsync(ServerScript.Set, connection => Set(record, generation, key, value, connection), cancellationToken);

    private RemoteSetReply Set(InvalidationRecord record, Generation generation, string key, RemoteValue value, int connection)
    {
        if (record.Version is { } reported && server.Scripts.Superseded(reported.Cache, key, value.Version) is { } superseded)
            return superseded;
        var written = false;
        var append = server.Append(() =>
        {
            var (logged, isWritten) = server.Scripts.Set(record, generation, key, value, Session.Node, connection);
            written = isWritten;
            return logged;
        });
        return new RemoteSetReply(append, written);
    }

    private bool Released(RemoteLease lease)
    {
        server.Scripts.Release(lease);
        return true;
    }
}
