using Unstale.Log;

namespace Unstale.Remote;

/// <summary>Second level of one cache over a log of several partitions. Each partition stores the values of its keys next to its records.</summary>
internal sealed class PartitionedStore(IReadOnlyList<IRemoteStore> partitions) : IRemoteStore
{
    public bool IsReachable(int partition) => partitions[partition].IsReachable(partition);

    public ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken) =>
        partitions[partition].GetAsync(partition, key, generation, cancellationToken);

    public ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken) =>
        partitions[partition].GetOrLeaseAsync(partition, key, generation, request, cancellationToken);

    public ValueTask<bool> StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken) =>
        partitions[lease.Partition].StoreLoadedAsync(lease, generation, value, cancellationToken);

    public ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken) =>
        partitions[lease.Partition].RenewAsync(lease, life, cancellationToken);

    public ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) => partitions[lease.Partition].DropAsync(lease, cancellationToken);

    public ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) => partitions[lease.Partition].ReleaseAsync(lease, cancellationToken);

    public ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken) =>
        partitions[partition].SetAsync(partition, record, generation, key, value, cancellationToken);
}
