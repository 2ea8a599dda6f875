using Unstale.Horizon;
using Unstale.Remote;

namespace Unstale.Loading;

/// <summary>State of a load that may read and write the second level. Changed under the horizon's lock, except for the lease.</summary>
internal abstract class RemoteRead
{
    private RemoteLease? _lease;

    /// <summary>All names by which a value of the second level was judged and may be accepted; held until the load ends.</summary>
    public TagSet? Tags { get; private set; }

    /// <summary>Sequence as of which the value of the second level may be stored.</summary>
    public long Stamp { get; private set; }

    /// <summary>Lease to store the value in the second level; null if the load has none or has returned the lease.</summary>
    public RemoteLease? Lease
    {
        get => Volatile.Read(ref _lease);
        set => Volatile.Write(ref _lease, value);
    }

    /// <summary>Transfers the lease, which the caller must end: either the end of the load or the time limit, whichever is first.</summary>
    public RemoteLease? DetachLease() => Interlocked.Exchange(ref _lease, null);

    public void Hold_NeedsLock(TagSet? held, TagTable table, long stamp = 0)
    {
        if (Tags is { } before)
            table.Release(before);
        Tags = held;
        Stamp = stamp;
    }

    /// <summary>Transfers the held tag set to the caller, which must release the set.</summary>
    public TagSet? Detach_NeedsLock()
    {
        var held = Tags;
        Tags = null;
        return held;
    }
}
