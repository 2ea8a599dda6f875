using System.Diagnostics;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Predicates;

namespace Unstale.Loading;

/// <summary>One load of a missing value. Changed under the horizon's lock; the graph of loads that wait for other loads has a lock of its own.</summary>
internal abstract class Load(LoadCoordinator loader, LoadIdentity identity, LoadTicket ticket, TagSet tags, Load? parent, CancellationTokenSource? cancellation)
{
    private LoadDependencies? _read;
    private LoadLimiter? _slot;
    private LoadLimiter? _untrustedSlot;

    /// <summary>Loader that runs the load. Distinguishes caches, because two caches may hold the same key.</summary>
    public LoadCoordinator Loader => loader;

    public LoadIdentity Identity => identity;

    public string Key => identity.Key;

    public LoadTicket Ticket => ticket;

    /// <summary>Tags of the call that started the load and of the calls that joined. Grows under the lock.</summary>
    public TagSet Tags { get; private set; } = tags;

    /// <summary>Whether a call that joined has added tags to the ones of the first call.</summary>
    public bool IsNamedByMore { get; private set; }

    /// <summary>State for the second level; null if the load may neither read nor write there.</summary>
    public abstract RemoteRead? Remote { get; }

    /// <summary>Adds the tags of a call that joins. The loaded value is judged by, and carries, all of the tags.</summary>
    /// <returns>False if the value was already judged without these tags.</returns>
    public bool TryName_NeedsLock(TagSet named, TagTable table)
    {
        if (named.IsWithin(Tags))
            return true;
        if (Remote?.Tags is { } judged)
            return named.IsWithin(judged);
        var all = table.Hold(LoadCoordinator.UnionOf(Tags.Tags, named.Tags));
        table.Release(Tags);
        Tags = all;
        IsNamedByMore = true;
        return true;
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
    /// <param name="key">Key; null for names alone.</param>
    /// <param name="carried">Names carried by the value.</param>
    public void Record(string? key, ReadOnlySpan<string> carried)
    {
        if (RecordsReads)
            Recording().Add(key, carried);
    }

    /// <summary>Records rows that the factory reads, whether or not its reads of other values are recorded.</summary>
    public void DependOn(RowPredicate predicate) => Recording().Add(predicate);

    /// <summary>Records rows that the factory reads, described when the factory has ended.</summary>
    public void DependOn(Func<RowPredicate> predicate) => Recording().Add(predicate);

    /// <summary>Takes over what a shared call of a factory has read: its dependencies, and whether a value must not be stored.</summary>
    public void Adopt(Load call)
    {
        IsTainted |= call.IsTainted;
        if (call.Read is not { } read)
            return;
        if (RecordsReads)
            Volatile.Write(ref _read, read);
        else if (read.Predicates() is { Length: > 0 } predicates)
            Recording().Add(key: null, predicates);
    }

    private LoadDependencies Recording()
    {
        if (Read is null)
            Interlocked.CompareExchange(ref _read, new LoadDependencies(loader.Context.MaximumDependencies), null); // factory threads may race
        return Read!;
    }

    /// <summary>
    /// Highest rank of the slots of this load and of the loads that await it. Changed, like <see cref="AtGate"/> and <see cref="AtRank"/>, under the lock of the wait graph.
    /// </summary>
    public SlotRank Carried { get; set; }

    /// <summary>Completion of the wait for a slot; false lets the load continue without one.</summary>
    public TaskCompletionSource<bool>? AtGate { get; set; }

    /// <summary>Rank of the slot for which the load waits.</summary>
    public SlotRank AtRank { get; set; }

    /// <summary>Link from the activity of a refresh to the activity of the caller that started the refresh; null for other loads.</summary>
    public ActivityLink[]? Links { get; set; }

    /// <summary>Whether values of several partitions are made from the reads of the factory.</summary>
    public bool IsOfAllPartitions { get; init; }

    /// <summary>Whether the load is a background refresh.</summary>
    public bool IsRefresh { get; init; }

    /// <summary>Whether the load stores a value of this cache once more. No source is called, so the load needs no slot by its key.</summary>
    public bool IsRenewal { get; init; }

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

    /// <summary>Adds a slot that the load has received.</summary>
    public void Occupy(LoadLimiter limiter)
    {
        ref var slot = ref limiter.Rank == SlotRank.Untrusted ? ref _untrustedSlot : ref _slot;
        Interlocked.Exchange(ref slot, limiter);
    }

    /// <summary>Releases the slots of the load. The end of the load and the time limit both call this method; each slot is released once.</summary>
    public void ReleaseSlots()
    {
        Release(ref _slot);
        Release(ref _untrustedSlot);
    }

    private static void Release(ref LoadLimiter? slot)
    {
        if (Volatile.Read(ref slot) is not null)
            Interlocked.Exchange(ref slot, null)?.Leave();
    }

    public CancellationToken Token => cancellation?.Token ?? CancellationToken.None;

    /// <summary>
    /// Cancels the token and returns the exceptions thrown by callbacks. The source is never disposed: no timer is used, and the last waiter may
    /// cancel while the load is ending.
    /// </summary>
    public Exception? Cancel() => cancellation is null ? null : GuardedCancellation.Cancel(cancellation);

    /// <summary>Cancels the token without waiting for callbacks, which may block.</summary>
    public async Task<Exception?> CancelAsync() => cancellation is null ? null : await GuardedCancellation.CancelAsync(cancellation).ConfigureAwait(false);
}
