using Microsoft.Extensions.Caching.Hybrid;
using System.Runtime.CompilerServices;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <summary>
/// How a load uses the second level: look, else ask for the lease; while another holds it, wait a while and look again. Whatever
/// fails there is a miss.
/// </summary>
internal sealed class RemoteLevel(StoreContext context, CancellationToken lifetime)
{
    /// <summary>The longest wait for a load of another node that goes on renewing its lease, in milliseconds.</summary>
    private const long WaitForOther = 30_000;

    /// <summary>The first and the longest pause between two looks, in milliseconds; in between a tenth of the wait so far.</summary>
    private const long LookAgain = 20;
    private const long LookAgainLate = 200;

    private static readonly TimeSpan ReleaseAgain = TimeSpan.FromMilliseconds(200);

    private readonly LeaseKeeper _leases = new(context, lifetime);

    private IRemoteStore Store => context.Remote!;

    /// <summary>A value that may be taken, which the caller disposes, or the right to fill the key, or neither.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(RemoteHit? Hit, RemoteLease? Lease)> ReadAsync(
        Fill fill, EntryLife life, Loader loader, Func<Loader, Fill, RemoteHit, bool> read)
    {
        try
        {
            if (!Store.IsReachable(Partition))
                return default;
            RemoteHit? stored = null;
            var isUsable = false;
            if (!life.Skips(HybridCacheEntryFlags.DisableDistributedCacheRead))
            {
                stored = await Store.GetAsync(Partition, fill.Key, fill.Ticket.Generation, fill.Token).ConfigureAwait(false);
                isUsable = stored is not null && IsUsable(fill, life, stored);
                if (isUsable && MayTakeAlone(fill, stored!))
                {
                    if (MayRead(loader, fill, stored!, read))
                        return (stored, null);
                    isUsable = false;
                }

                stored?.Dispose();
            }

            var takesLease = !life.Skips(HybridCacheEntryFlags.DisableDistributedCacheWrite | HybridCacheEntryFlags.DisableUnderlyingData);
            return takesLease || isUsable
                ? await AskAsync(fill, life, loader, read, takesLease, isUsable ? null : stored).ConfigureAwait(false)
                : default; // there is nothing that the server could confirm
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !fill.Token.IsCancellationRequested)
        {
            context.RemoteFailed(exception);
            return default;
        }
    }

    /// <summary>Asks the server, again and again while another node holds the lease.</summary>
    /// <param name="fill">The load.</param>
    /// <param name="life">How the entry lives.</param>
    /// <param name="loader">Who runs the load.</param>
    /// <param name="read">Reads a value; false if it is of another type.</param>
    /// <param name="takesLease">Whether a lease is of use.</param>
    /// <param name="except">A stored value that is not taken.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(RemoteHit? Hit, RemoteLease? Lease)> AskAsync(
        Fill fill, EntryLife life, Loader loader, Func<Loader, Fill, RemoteHit, bool> read, bool takesLease, RemoteHit? except)
    {
        var began = context.Clock.Now;
        var looks = !life.Skips(HybridCacheEntryFlags.DisableDistributedCacheRead);
        var kind = !takesLease ? RemoteRequestKind.Value : looks ? RemoteRequestKind.ValueOrLease : RemoteRequestKind.Lease;
        while (Store.IsReachable(Partition) && Volatile.Read(ref context.Horizon.View.Epoch) == fill.Ticket.Epoch)
        {
            var request = new RemoteRequest(kind, LeaseKeeper.Life, except);
            var reply = await Store.GetOrLeaseAsync(Partition, fill.Key, fill.Ticket.Generation, request, fill.Token).ConfigureAwait(false);
            if (reply.Lease is { } lease)
            {
                _leases.Add(lease);
                return (null, lease);
            }

            if (reply.Hit is { } hit)
            {
                if (IsUsable(fill, life, hit) && await MayTakeAsync(fill, hit, reply).ConfigureAwait(false) && MayRead(loader, fill, hit, read))
                    return (hit, null);
                hit.Dispose();
                if (!takesLease)
                    return default;
                except = hit;
                continue;
            }

            var waited = context.Clock.Now - began;
            if (kind != RemoteRequestKind.ValueOrLease || waited >= LongestWait(life))
                return default;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(waited / 10, LookAgain, LookAgainLate)), context.Clock.Provider, fill.Token).ConfigureAwait(false);
        }

        return default;
    }

    /// <summary>Where the load has a limit, half of it is left for the source.</summary>
    private static long LongestWait(in EntryLife life)
    {
        var longest = life.WaitTimeout > 0 ? Math.Min(life.WaitTimeout, WaitForOther) : WaitForOther;
        return life.LoadTimeout > 0 ? Math.Min(longest, life.LoadTimeout / 2) : longest;
    }

    /// <summary>A refresh takes only what is fresh itself. A value of another shape is none: what is loaded takes its place.</summary>
    private bool IsUsable(Fill fill, in EntryLife life, RemoteHit hit) =>
        hit.ContentVersion == context.ContentVersion && !(fill.IsRefresh && hit.Age.TotalMilliseconds >= life.FreshFor);

    /// <summary>A value that cannot be read is not taken, so the fill is open again to calls that name other tags.</summary>
    private bool MayRead(Loader loader, Fill fill, RemoteHit hit, Func<Loader, Fill, RemoteHit, bool> read)
    {
        if (read(loader, fill, hit))
            return true;
        lock (context.Horizon.Gate)
            fill.HoldRemote_NeedsLock(null, context.Horizon.Tags);
        return false;
    }

    /// <summary>True if this node's own marks say that the value is true: no script was asked.</summary>
    private bool MayTakeAlone(Fill fill, RemoteHit hit)
    {
        var declared = context.DeclaredOf?.Invoke(fill.Key);
        var horizon = context.Horizon;
        lock (horizon.Gate)
        {
            var tags = horizon.Tags.Hold(NamesOf(fill, hit, declared));
            var may = horizon.MayTake(fill.Key, tags, As(hit), fill.Ticket, context.Clock.Now, out var stamp);
            if (may)
                fill.HoldRemote_NeedsLock(tags, horizon.Tags, stamp);
            else
                horizon.Tags.Release(tags);
            return may;
        }
    }

    /// <summary>Where a mark of this node's seems to speak against the value, the log is asked whether their histories are one.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> MayTakeAsync(Fill fill, RemoteHit hit, RemoteReply reply)
    {
        var declared = context.DeclaredOf?.Invoke(fill.Key);
        RemoteAnswer answer;
        lock (context.Horizon.Gate)
            answer = new RemoteAnswer(As(hit), reply.Sequence, reply.Broad, context.Horizon.TailsBegun);
        var judgement = Judge(fill, hit, declared, answer);
        if (judgement == Judgement.Suspected)
        {
            await context.ConfirmAsync(answer.Tails, fill.Ticket.Epoch, fill.Token).ConfigureAwait(false);
            judgement = Judge(fill, hit, declared, answer);
            if (judgement == Judgement.True)
                context.Metrics.RemoteConfirmed();
        }

        if (judgement != Judgement.True)
            context.Metrics.RemoteRefused();
        return judgement == Judgement.True;
    }

    /// <param name="fill">The fill that asked.</param>
    /// <param name="hit">The value.</param>
    /// <param name="declared">What was declared for the key.</param>
    /// <param name="answer">What the server has said of the value, and when.</param>
    private Judgement Judge(Fill fill, RemoteHit hit, IReadOnlyList<string>? declared, in RemoteAnswer answer)
    {
        var horizon = context.Horizon;
        lock (horizon.Gate)
        {
            var tags = horizon.Tags.Hold(NamesOf(fill, hit, declared));
            var judgement = horizon.Judge(fill.Key, tags, answer, fill.Ticket, context.Clock.Now, out var stamp);
            if (judgement == Judgement.True)
                fill.HoldRemote_NeedsLock(tags, horizon.Tags, stamp);
            else
                horizon.Tags.Release(tags);
            return judgement;
        }
    }

    private static StoredAs As(RemoteHit hit) => new(hit.Stamp, hit.Confirmed, hit.Tags);

    /// <summary>All that a value is judged by: what it carries, and what was named for its key here.</summary>
    private static string[] NamesOf(Fill fill, RemoteHit hit, IReadOnlyList<string>? declared)
    {
        var names = Loader.UnionOf(fill.Tags.Tags, hit.Tags);
        return declared is null ? names : Loader.WithoutMarkOf(fill.Key, Loader.UnionOf(names, declared));
    }

    private int Partition => context.Horizon.Partition;

    /// <summary>Stores the loaded value under the lease, or gives the lease back; nobody waits for it.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="fill">The load that has ended.</param>
    /// <param name="loaded">What it has brought.</param>
    /// <param name="isKept">The value is stored.</param>
    /// <param name="replaces">The value is not stored and an older one goes.</param>
    /// <param name="life">How the value lives.</param>
    public void EndBehind<T>(RemoteLease lease, Fill fill, in Loaded<T> loaded, bool isKept, bool replaces, in EntryLife life)
    {
        if (!isKept)
        {
            ReleaseBehind(lease, replaces);
            return;
        }

        var value = new RemoteValue(
            loaded.Payload, loaded.Stamp, fill.Carried, TimeSpan.FromMilliseconds(life.Expiration), !life.Skips(HybridCacheEntryFlags.DisableCompression))
        {
            ContentVersion = context.ContentVersion,
            Identity = context.Codecs.For<T>().Identity,
        };
        _ = WithoutExecutionContext.Start((Level: this, lease, fill.Ticket.Generation, value), static s => s.Level.FillAsync(s.lease, s.Generation, s.value));
    }

    /// <param name="lease">The lease.</param>
    /// <param name="withValue">The value of the key goes too.</param>
    public void ReleaseBehind(RemoteLease lease, bool withValue = false)
    {
        _leases.Remove(lease);
        _ = WithoutExecutionContext.Start((Level: this, lease, withValue), static s => s.Level.ReleaseAsync(s.lease, s.withValue));
    }

    private async Task FillAsync(RemoteLease lease, Generation generation, RemoteValue value)
    {
        try
        {
            if (await Store.FillAsync(lease, generation, value, CancellationToken.None).ConfigureAwait(false))
                return;
        }
        catch (Exception exception)
        {
            context.RemoteFailed(exception);
        }
        finally
        {
            _leases.Remove(lease);
        }

        await ReleaseAsync(lease, withValue: false).ConfigureAwait(false);
    }

    /// <summary>
    /// A lease that stays costs every other node a wait. While it lives, a release that failed is repeated: soon where there was no
    /// connection, and in growing pauses where a server refused (it is busy, full, loading, or a replica now).
    /// </summary>
    private async Task ReleaseAsync(RemoteLease lease, bool withValue)
    {
        var began = context.Clock.Now;
        var pause = ReleaseAgain;
        while (!await TryReleaseAsync(lease, withValue).ConfigureAwait(false) && context.Clock.Now - began < LeaseKeeper.Life.TotalMilliseconds)
        {
            await Task.Delay(pause, context.Clock.Provider).ConfigureAwait(false);
            pause = Store.IsReachable(Partition) ? 2 * pause : ReleaseAgain;
        }
    }

    private async ValueTask<bool> TryReleaseAsync(RemoteLease lease, bool withValue)
    {
        try
        {
            if (!Store.IsReachable(Partition))
                return false;
            if (withValue)
                await Store.DropAsync(lease, CancellationToken.None).ConfigureAwait(false);
            else
                await Store.ReleaseAsync(lease, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            context.RemoteFailed(exception);
            return false;
        }
    }
}
