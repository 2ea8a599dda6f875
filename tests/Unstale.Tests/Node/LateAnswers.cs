using Unstale.Log;
using Unstale.Remote;
using Unstale.Tests.Remote;

namespace Unstale.Tests.Node;

/// <summary>A log whose replies can be delivered late, after the loss of their connection.</summary>
internal sealed class LateAnswers(InMemoryClient client) : IInvalidationLog, IRemoteStore
{
    private readonly List<TaskCompletionSource> _held = [];

    public InMemoryClient Client => client;

    public string Name => client.Name;

    public bool IsLocal => false;

    /// <summary>Calls whose replies are held.</summary>
    public ServerScript? Holds { get; set; }

    public int Held => _held.Count;

    /// <summary>Cuts the connection, opens another one, and only then delivers the held replies.</summary>
    public void ReconnectAndAnswer()
    {
        Holds = null;
        client.Session.Cut();
        client.Session.Reconnect();
        _held.ForEach(static answer => answer.TrySetResult());
    }

    public ILogSession Open(ILogObserver observer) => new Session(this, client.Open(observer));

    public ValueTask DisposeAsync() => client.DisposeAsync();

    public ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken) =>
        client.GetAsync(partition, key, generation, cancellationToken);

    public ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken) =>
        client.GetOrLeaseAsync(partition, key, generation, request, cancellationToken);

    public ValueTask<bool> StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken) =>
        client.StoreLoadedAsync(lease, generation, value, cancellationToken);

    public ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken) => client.RenewAsync(lease, life, cancellationToken);

    public ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) => client.DropAsync(lease, cancellationToken);

    public ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) => client.ReleaseAsync(lease, cancellationToken);

    public ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken) =>
        LateAsync(ServerScript.Set, client.SetAsync(partition, record, generation, key, value, cancellationToken));

    private async ValueTask<T> LateAsync<T>(ServerScript script, ValueTask<T> call)
    {
        var answer = await call;
        if (Holds != script)
            return answer;
        var held = new TaskCompletionSource();
        _held.Add(held);
        await held.Task;
        return answer;
    }

    private sealed class Session(LateAnswers late, ILogSession session) : ILogSession
    {
        public ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken) =>
            late.LateAsync(ServerScript.Append, session.AppendAsync(partition, records, cancellationToken));

        public ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken) =>
            late.LateAsync(ServerScript.Tail, session.TailAsync(request, cancellationToken));

        public ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken) =>
            session.CreateGenerationAsync(partition, instead, cancellationToken);

        public ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken) => session.MembersAsync(partition, cancellationToken);

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
