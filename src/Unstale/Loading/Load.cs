using System.Diagnostics;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Remote;

namespace Unstale.Loading;

/// <summary>One load of a missing value. Changed under the horizon's lock; the graph of loads that wait for other loads has a lock of its own.</summary>
internal abstract class Load(LoadCoordinator loader, LoadIdentity identity, LoadTicket ticket, TagSet tags, Load? parent, CancellationTokenSource? cancellation)
{
    private LoadDependencies? _read;
    private RemoteLease? _lease;
    private int _hasPlace;

    /// <summary>Loader that runs the load. Distinguishes caches, because two caches may hold the same key.</summary>
    public LoadCoordinator Loader => loader;

    public LoadIdentity Identity => identity;

    public string Key => identity.Key;

    public LoadTicket Ticket => ticket;

    /// <summary>Tags of the call that started the load and of the calls that joined. Grows under the lock.</summary>
    public TagSet Tags { get; private set; } = tags;

    /// <summary>Whether a call that joined has added tags to the ones of the first call.</summary>
    public bool IsNamedByMore { get; private set; }

    /// <summary>All names by which a value of the second level was judged and may be accepted; held until the load ends.</summary>
    public TagSet? RemoteTags { get; private set; }

    /// <summary>Sequence as of which the value of the second level may be stored.</summary>
    public long RemoteStamp { get; private set; }

    /// <summary>All names carried by the value, once the load has ended.</summary>
    public TagSet Carried { get; set; } = TagSet.Empty;

    /// <summary>Adds the tags of a call that joins. The loaded value is judged by, and carries, all of the tags.</summary>
    /// <returns>False if the value was already judged without these tags.</returns>
    public bool TryName_NeedsLock(TagSet named, TagTable table)
    {
        if (named.IsWithin(Tags))
            return true;
        if (RemoteTags is { } judged)
            return named.IsWithin(judged);
        var all = table.Hold(LoadCoordinator.UnionOf(Tags.Tags, named.Tags));
        table.Release(Tags);
        Tags = all;
        IsNamedByMore = true;
        return true;
    }

    public void HoldRemote_NeedsLock(TagSet? held, TagTable table, long stamp = 0)
    {
        if (RemoteTags is { } before)
            table.Release(before);
        RemoteTags = held;
        RemoteStamp = stamp;
    }

    /// <summary>Transfers the held tag set to the caller, which must release the set.</summary>
    public TagSet? DetachRemote_NeedsLock()
    {
        var held = RemoteTags;
        RemoteTags = null;
        return held;
    }

    /// <summary>Load whose factory started this load.</summary>
    public Load? Parent => parent;

    /// <summary>Loads that the factory of this load is waiting for.</summary>
    public List<Load> WaitsFor => field ??= [];

    /// <summary>Whether the reads of the factory are recorded.</summary>
    public bool RecordsReads => identity.RecordsReads;

    /// <summary>Names read by the factory so far.</summary>
    public LoadDependencies? Read => Volatile.Read(ref _read);

    /// <summary>Records the key of a value passed to the factory, and the names carried by the value.</summary>
    public void Record(string key, ReadOnlySpan<string> carried)
    {
        if (!RecordsReads)
            return;
        if (Read is null)
            Interlocked.CompareExchange(ref _read, new LoadDependencies(loader.Context.MaximumDependencies), null); // factory threads may race
        Read!.Add(key, carried);
    }

    /// <summary>
    /// Whether the load has a slot at a gate, or is awaited by a load with one. Changed, like <see cref="AtGate"/>, under the lock of the wait graph.
    /// </summary>
    public bool IsCarried { get; set; }

    /// <summary>Completion of the wait for a slot; false lets the load continue without one.</summary>
    public TaskCompletionSource<bool>? AtGate { get; set; }

    /// <summary>Link from the activity of a refresh to the activity of the caller that started the refresh; null for other loads.</summary>
    public ActivityLink[]? Links { get; set; }

    /// <summary>Whether the load is a background refresh.</summary>
    public bool IsRefresh { get; init; }

    /// <summary>Whether a level stores the loaded value.</summary>
    public bool IsKept { get; set; }

    /// <summary>Number of callers that still need the value.</summary>
    public int Waiting { get; set; } = 1;

    public bool IsEnded { get; set; }

    /// <summary>
    /// Whether the factory received an unconfirmed or outdated value. Set while the factory runs and read afterwards; the end of the factory orders
    /// the two accesses.
    /// </summary>
    public bool IsTainted { get; set; }

    /// <summary>Whether the time limit has passed. The callers no longer wait, and a value loaded later is not stored.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Lease to store the value in the second level; null if the load has none or has returned the lease.</summary>
    public RemoteLease? Lease
    {
        get => Volatile.Read(ref _lease);
        set => Volatile.Write(ref _lease, value);
    }

    /// <summary>Transfers the lease, which the caller must end: either the end of the load or the time limit, whichever is first.</summary>
    public RemoteLease? DetachLease() => Interlocked.Exchange(ref _lease, null);

    public void MarkSlotUsed() => Interlocked.Exchange(ref _hasPlace, 1);

    /// <summary>Returns true to the one caller that must release the slot at the gate: either the end of the load or the time limit.</summary>
    public bool LeavePlace() => Interlocked.Exchange(ref _hasPlace, 0) == 1;

    public CancellationToken Token => cancellation?.Token ?? CancellationToken.None;

    /// <summary>
    /// Cancels the token and returns the exceptions thrown by callbacks. The source is never disposed: no timer is used, and the last waiter may
    /// cancel while the load is ending.
    /// </summary>
    public Exception? Cancel() => cancellation is null ? null : GuardedCancellation.Cancel(cancellation);

    /// <summary>Cancels the token without waiting for callbacks, which may block.</summary>
    public async Task<Exception?> CancelAsync() => cancellation is null ? null : await GuardedCancellation.CancelAsync(cancellation).ConfigureAwait(false);
}
