using Unstale.Log;

namespace Unstale.Remote;

/// <summary>
/// Second level of the cache. Stores values next to the log, so that invalidations and stored values are judged in one step on the server. A call
/// that throws has an unknown outcome and counts as a miss, or as not stored.
/// </summary>
internal interface IRemoteStore
{
    /// <summary>
    /// Reports whether the values of a partition can be reached. If not, a lookup is a miss and no load waits for another node. Default: true.
    /// </summary>
    bool IsReachable(int partition) => true;

    /// <summary>
    /// Reads a value as stored; the node judges the value. Returns null for a value of another generation, an unreadable value and an expired value.
    /// The returned value may have been invalidated.
    /// </summary>
    ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken);

    /// <summary>
    /// Looks up a value and, if there is none, grants the lease of the key, in one step on the server. A value counts as absent if the generation
    /// differs, if the floor or one of the value's tags is above the value's stamp, or if the value is unreadable or expired. No lease is granted
    /// while another caller holds the lease, or if the generation is not the current generation of the log. The server notes with a value the record
    /// as of which the value was found true, at most once a minute, and not while selectors above the value are listed.
    /// </summary>
    ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a value under a lease and ends the lease. Returns false and stores nothing if the lease no longer exists or was granted before the
    /// stamp, or if the floor, a selector or one of the tags is above the stamp.
    /// </summary>
    ValueTask<bool> StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken);

    /// <summary>
    /// Renews a lease while the load runs; the lifetime restarts now. Returns false and changes nothing if the lease no longer exists (an
    /// invalidation of the key removes the lease), belongs to another caller, or is of another generation than the log. A lost lease is never
    /// restored.
    /// </summary>
    ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken);

    /// <summary>Ends a lease and removes the value of the key. Does nothing if the lease no longer exists or belongs to another caller.</summary>
    ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken);

    /// <summary>Ends a lease without storing a value.</summary>
    ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a record and, in the same step, stores the value of the key as of this record. Only appends if the floor, a selector or one of the
    /// value's tags is above the value's stamp, or if the generation is not the current generation of the log. A value with a version is superseded,
    /// and nothing is changed, if this version of the key or a newer one is already recorded. The value is not stored if a newer version may have
    /// been forgotten.
    /// </summary>
    ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken);
}
