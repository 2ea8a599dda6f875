using Unstale.Log;

namespace Unstale.Remote;

/// <summary>
/// The second level: values beside the log, so that what is invalidated and what is stored are judged in one step on the server.
/// A call that throws has an unknown outcome and counts as a miss, or as not stored.
/// </summary>
public interface IRemoteStore
{
    /// <summary>False while there is no way to the values of a partition: a look is a miss, and nobody need be waited for.</summary>
    bool IsReachable(int partition) => true;

    /// <summary>
    /// Reads a value as it is stored: the node judges it. A value of another generation, an unreadable or an expired one is null. What was
    /// invalidated may be returned.
    /// </summary>
    ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken);

    /// <summary>
    /// Looks for a value and grants the right to fill the key where there is none, in one step on the server. A value of another generation, one
    /// that the floor or one of its tags lies above, an unreadable or an expired one is none. No lease is granted while another holds it, or
    /// if the generation is not the log's. The server notes beside a value that it has found true as of which record, at most once a
    /// minute, and not while patterns or all-ofs above the value are listed.
    /// </summary>
    ValueTask<RemoteReply> GetOrLeaseAsync(int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a value under a lease and ends the lease. False, and nothing stored, if the lease is gone, was granted before the
    /// stamp, or the floor, a broad record or one of the tags lies above the stamp.
    /// </summary>
    ValueTask<bool> FillAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken);

    /// <summary>
    /// Prolongs a lease while its load runs, from now on. False, and nothing done, if the lease is gone (an invalidation of the key takes
    /// it), is another's by now, or is of another generation than the log's: a lease that was lost never comes back.
    /// </summary>
    ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken);

    /// <summary>Ends a lease and removes the value of its key. Nothing is done if the lease is gone, or is another's by now.</summary>
    ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken);

    /// <summary>Ends a lease without a value.</summary>
    ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a record and, in the same step, stores the value of its key as of that record, unless the floor, a broad record or one
    /// of the value's tags lies above the value's stamp, or the generation is not the log's: then it only appends. A value with a version is
    /// superseded, and nothing is changed, if that version of its key or a newer one is known; it is not stored if a newer one may have
    /// been forgotten.
    /// </summary>
    ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken);
}
