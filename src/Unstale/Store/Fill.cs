using System.Diagnostics;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Remote;

namespace Unstale.Store;

/// <summary>One load of a missing value. Changed under the horizon's lock; the graph of who waits for whom under its own.</summary>
internal abstract class Fill(Loader loader, FillIdentity identity, FillTicket ticket, TagSet tags, Fill? parent, CancellationTokenSource? cancellation)
{
    private Dependencies? _read;
    private RemoteLease? _lease;
    private int _hasPlace;

    /// <summary>Who runs it, one a cache: two caches may hold the same key.</summary>
    public Loader Loader => loader;

    public FillIdentity Identity => identity;

    public string Key => identity.Key;

    public FillTicket Ticket => ticket;

    /// <summary>The tags given with the call that started it and with those that joined. Grows under the lock.</summary>
    public TagSet Tags { get; private set; } = tags;

    /// <summary>Whether a call that joined has named tags beside those of the first.</summary>
    public bool IsNamedByMore { get; private set; }

    /// <summary>All that a value of the second level was judged by and may be taken under, held for it until the fill ends.</summary>
    public TagSet? RemoteTags { get; private set; }

    /// <summary>The sequence that the value of the second level may be kept as of.</summary>
    public long RemoteStamp { get; private set; }

    /// <summary>All that the value carries, once the fill has ended.</summary>
    public string[] Carried { get; set; } = [];

    /// <summary>
    /// A call with these tags wants the value: whatever is brought is judged by them, and carries them.
    /// </summary>
    /// <returns>False if the value was judged already, without them.</returns>
    public bool TryName_NeedsLock(TagSet named, TagTable table)
    {
        if (named.IsWithin(Tags))
            return true;
        if (RemoteTags is { } judged)
            return named.IsWithin(judged);
        var all = table.Hold(Loader.UnionOf(Tags.Tags, named.Tags));
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

    /// <summary>Hands on what was held, to be released by the caller.</summary>
    public TagSet? TakeRemote_NeedsLock()
    {
        var held = RemoteTags;
        RemoteTags = null;
        return held;
    }

    /// <summary>The fill inside whose factory this one was started.</summary>
    public Fill? Parent => parent;

    /// <summary>The fills that this one's factory waits for now.</summary>
    public List<Fill> WaitsFor => field ??= [];

    /// <summary>Whether it is to be known what its factory reads.</summary>
    public bool RecordsReads => identity.RecordsReads;

    /// <summary>What its factory has read so far.</summary>
    public Dependencies? Read => Volatile.Read(ref _read);

    /// <summary>Its factory was given the value of a key, which carries these.</summary>
    public void Record(string key, ReadOnlySpan<string> carried)
    {
        if (!RecordsReads)
            return;
        if (Read is null)
            Interlocked.CompareExchange(ref _read, new Dependencies(loader.Context.MaximumDependencies), null); // its threads may read at once
        Read!.Add(key, carried);
    }

    /// <summary>It has a place at a gate, or one that has waits for it. Changed, as the next, under the lock of who waits for whom.</summary>
    public bool IsCarried { get; set; }

    /// <summary>Waits for a place; false lets it through without one.</summary>
    public TaskCompletionSource<bool>? AtGate { get; set; }

    /// <summary>What its activity links to: the activity of the caller that started a refresh. Null for others.</summary>
    public ActivityLink[]? Links { get; set; }

    /// <summary>True for a refresh behind.</summary>
    public bool IsRefresh { get; init; }

    /// <summary>True once a level holds what it has brought.</summary>
    public bool IsKept { get; set; }

    /// <summary>How many callers still want the value.</summary>
    public int Waiting { get; set; } = 1;

    public bool IsEnded { get; set; }

    /// <summary>Its factory was given a value that nobody confirms, or that is known to be old. Set while the factory runs, read after it: its end orders the two.</summary>
    public bool IsTainted { get; set; }

    /// <summary>True once its limit has passed: its callers are answered, and what it still brings is not kept.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The right to fill the second level; null if it has none, or gave it back.</summary>
    public RemoteLease? Lease
    {
        get => Volatile.Read(ref _lease);
        set => Volatile.Write(ref _lease, value);
    }

    /// <summary>Hands the lease on, to be ended by the caller: by the end of the load, or by its limit, whichever comes first.</summary>
    public RemoteLease? TakeLease() => Interlocked.Exchange(ref _lease, null);

    public void TakePlace() => Interlocked.Exchange(ref _hasPlace, 1);

    /// <summary>True for the one who has to give the place at the gate back: the end of the load, or its limit.</summary>
    public bool LeavePlace() => Interlocked.Exchange(ref _hasPlace, 0) == 1;

    public CancellationToken Token => cancellation?.Token ?? CancellationToken.None;

    /// <summary>Returns what callbacks at the token threw. The source is never disposed: it has no timer, and the last waiter may cancel while the load is ending.</summary>
    public Exception? Cancel() => cancellation is null ? null : GuardedCancellation.Cancel(cancellation);

    /// <summary>The same, without waiting for callbacks, which may block.</summary>
    public async Task<Exception?> CancelAsync() => cancellation is null ? null : await GuardedCancellation.CancelAsync(cancellation).ConfigureAwait(false);
}
