using Unstale.Log;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Remote;

/// <summary>Measures the calls of a second level for which a load or a writer waits. Without a listener, calls are passed on as they are.</summary>
/// <param name="store">Second level.</param>
/// <param name="metrics">Metrics of the cache.</param>
/// <param name="clock">Clock of the calls.</param>
internal sealed class MeasuredStore(IRemoteStore store, CacheMetrics metrics, MonotonicClock clock) : IRemoteStore
{
    public bool IsReachable(int partition) => store.IsReachable(partition);

    public ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken) =>
        Measure("get", Begin(), store.GetAsync(partition, key, generation, cancellationToken));

    public ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken) =>
        Measure("get_or_lease", Begin(), store.GetOrLeaseAsync(partition, key, generation, request, cancellationToken));

    public ValueTask<bool> StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken) =>
        Measure("store", Begin(), store.StoreLoadedAsync(lease, generation, value, cancellationToken));

    public ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken) =>
        Measure("set", Begin(), store.SetAsync(partition, record, generation, key, value, cancellationToken));

    public ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken) => store.RenewAsync(lease, life, cancellationToken);

    public ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) => store.DropAsync(lease, cancellationToken);

    public ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) => store.ReleaseAsync(lease, cancellationToken);

    /// <summary>Returns the time before a call; null without a listener.</summary>
    private long? Begin() => metrics.MeasuresRemote ? clock.Provider.GetTimestamp() : null;

    private ValueTask<T> Measure<T>(string operation, long? began, ValueTask<T> call) => began is { } start ? MeasureAsync(operation, start, call) : call;

    private async ValueTask<T> MeasureAsync<T>(string operation, long began, ValueTask<T> call)
    {
        var failed = true;
        try
        {
            var reply = await call.ConfigureAwait(false);
            failed = false;
            return reply;
        }
        finally
        {
            metrics.RemoteEnded(operation, clock.Provider.GetElapsedTime(began), failed);
        }
    }
}
