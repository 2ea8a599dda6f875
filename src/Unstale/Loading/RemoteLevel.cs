using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Remote;

namespace Unstale.Loading;

/// <summary>
/// Use of the second level by a load: read the value, otherwise request the lease; while another node holds the lease, wait and look again. Every
/// failure there counts as a miss.
/// </summary>
internal sealed class RemoteLevel(StoreContext context, CancellationToken lifetime)
{
    /// <summary>Maximum wait for a load of another node that continues to renew its lease, in milliseconds.</summary>
    private const long WaitForOther = 30_000;

    /// <summary>First and longest pause between two lookups, in milliseconds. In between, the pause is a tenth of the wait so far.</summary>
    private const long LookAgain = 20;
    private const long LookAgainLate = 200;

    private static readonly TimeSpan ReleaseAgain = TimeSpan.FromMilliseconds(200);

    private readonly LeaseKeeper _leases = new(context, lifetime);

    private IRemoteStore Store => context.Remote!;

    /// <summary>Returns a value that may be used, which the caller must dispose, or the lease of the key, or neither.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(RemoteHit? Hit, RemoteLease? Lease)> ReadAsync(
        Load load, EntryLifetime life, LoadCoordinator loader, Func<LoadCoordinator, Load, RemoteHit, bool> read)
    {
        try
        {
            if (!Store.IsReachable(Partition))
                return default;
            RemoteHit? stored = null;
            var isUsable = false;
            if (!life.Skips(HybridCacheEntryFlags.DisableDistributedCacheRead))
            {
                stored = await Store.GetAsync(Partition, load.Key, load.Ticket.Remote!.Generation, load.Token).ConfigureAwait(false);
                isUsable = stored is not null && IsUsable(load, life, stored);
                if (isUsable && MayStoreWithoutServer(load, stored!))
                {
                    if (MayRead(loader, load, stored!, read))
                        return (stored, null);
                    isUsable = false;
                }

                stored?.Dispose();
            }

            var takesLease = !life.Skips(HybridCacheEntryFlags.DisableDistributedCacheWrite | HybridCacheEntryFlags.DisableUnderlyingData);
            return takesLease || isUsable
                ? await AskAsync(load, life, loader, read, takesLease, isUsable ? null : stored).ConfigureAwait(false)
                : default; // there is nothing for the server to confirm
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !load.Token.IsCancellationRequested)
        {
            context.RemoteFailed(exception);
            return default;
        }
    }

    /// <summary>Requests the value or the lease from the server, repeatedly while another node holds the lease.</summary>
    /// <param name="load">Load.</param>
    /// <param name="life">Lifetime of the entry.</param>
    /// <param name="loader">Loader that runs the load.</param>
    /// <param name="read">Callback that reads a value; false if the value is of another type.</param>
    /// <param name="takesLease">Whether a lease is of use.</param>
    /// <param name="except">Stored value that is not accepted.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(RemoteHit? Hit, RemoteLease? Lease)> AskAsync(
        Load load, EntryLifetime life, LoadCoordinator loader, Func<LoadCoordinator, Load, RemoteHit, bool> read, bool takesLease, RemoteHit? except)
    {
        var began = context.Clock.Now;
        var looks = !life.Skips(HybridCacheEntryFlags.DisableDistributedCacheRead);
        var kind = !takesLease ? RemoteRequestKind.Value : looks ? RemoteRequestKind.ValueOrLease : RemoteRequestKind.Lease;
        while (Store.IsReachable(Partition) && Volatile.Read(ref context.Horizon.View.Epoch) == load.Ticket.Epoch)
        {
            var request = new RemoteRequest(kind, LeaseKeeper.Life, except);
            var reply = await Store.GetOrLeaseAsync(Partition, load.Key, load.Ticket.Remote!.Generation, request, load.Token).ConfigureAwait(false);
            if (reply.Lease is { } lease)
            {
                _leases.Add(lease);
                return (null, lease);
            }

            if (reply.Hit is { } hit)
            {
                if (IsUsable(load, life, hit) && await MayStoreAsync(load, hit, reply).ConfigureAwait(false) && MayRead(loader, load, hit, read))
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
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(waited / 10, LookAgain, LookAgainLate)), context.Clock.Provider, load.Token).ConfigureAwait(false);
        }

        return default;
    }

    /// <summary>Returns the maximum wait. If the load has a limit, half of the limit remains for the source.</summary>
    private static long LongestWait(in EntryLifetime life)
    {
        var longest = life.WaitTimeout > 0 ? Math.Min(life.WaitTimeout, WaitForOther) : WaitForOther;
        return life.LoadTimeout > 0 ? Math.Min(longest, life.LoadTimeout / 2) : longest;
    }

    /// <summary>
    /// Reports whether a stored value is acceptable. A refresh accepts only a fresh value. A value of another shape counts as a miss and is replaced
    /// by the loaded one.
    /// </summary>
    private bool IsUsable(Load load, in EntryLifetime life, RemoteHit hit) =>
        hit.ContentVersion == context.ContentVersion && !(load.IsRefresh && hit.Age.TotalMilliseconds >= life.FreshFor);

    /// <summary>Reads a value. An unreadable value is not used, so calls with other tags may join the load again.</summary>
    private bool MayRead(LoadCoordinator loader, Load load, RemoteHit hit, Func<LoadCoordinator, Load, RemoteHit, bool> read)
    {
        if (read(loader, load, hit))
            return true;
        lock (context.Horizon.Gate)
            load.Remote!.Hold_NeedsLock(null, context.Horizon.Tags);
        return false;
    }

    /// <summary>Reports whether the marks of this node alone show that the value is true, without a call of a script.</summary>
    private bool MayStoreWithoutServer(Load load, RemoteHit hit)
    {
        var declared = context.DeclaredOf?.Invoke(load.Key);
        var horizon = context.Horizon;
        lock (horizon.Gate)
        {
            var tags = horizon.Tags.Hold(NamesOf(load, hit, declared));
            var may = horizon.MayStoreRemote(load.Key, tags, As(hit), load.Ticket, context.Clock.Now, out var stamp);
            if (may)
                load.Remote!.Hold_NeedsLock(tags, horizon.Tags, stamp);
            else
                horizon.Tags.Release(tags);
            return may;
        }
    }

    /// <summary>
    /// Judges a value confirmed by the server. If a mark of this node contradicts the value, waits for the log to confirm that both have the same
    /// history.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> MayStoreAsync(Load load, RemoteHit hit, RemoteReply reply)
    {
        var declared = context.DeclaredOf?.Invoke(load.Key);
        RemoteAnswer answer;
        lock (context.Horizon.Gate)
            answer = new RemoteAnswer(As(hit), reply.Sequence, reply.Selectors, context.Horizon.TailsBegun);
        var judgement = ValidateRemote(load, hit, declared, answer);
        if (judgement == RemoteValidity.NeedsConfirmation)
        {
            await context.ConfirmAsync(answer.Tails, load.Ticket.Epoch, load.Token).ConfigureAwait(false);
            judgement = ValidateRemote(load, hit, declared, answer);
            if (judgement == RemoteValidity.Valid)
                context.Metrics.RemoteConfirmed();
        }

        if (judgement != RemoteValidity.Valid)
            context.Metrics.RemoteRefused();
        return judgement == RemoteValidity.Valid;
    }

    /// <param name="load">Load that requested the value.</param>
    /// <param name="hit">Value.</param>
    /// <param name="declared">Names declared for the key.</param>
    /// <param name="answer">Reply of the server about the value, and the time of the reply.</param>
    private RemoteValidity ValidateRemote(Load load, RemoteHit hit, IReadOnlyList<string>? declared, in RemoteAnswer answer)
    {
        var horizon = context.Horizon;
        lock (horizon.Gate)
        {
            var tags = horizon.Tags.Hold(NamesOf(load, hit, declared));
            var judgement = horizon.ValidateRemote(load.Key, tags, answer, load.Ticket, context.Clock.Now, out var stamp);
            if (judgement == RemoteValidity.Valid)
                load.Remote!.Hold_NeedsLock(tags, horizon.Tags, stamp);
            else
                horizon.Tags.Release(tags);
            return judgement;
        }
    }

    private static StoredAs As(RemoteHit hit) => new(hit.Stamp, hit.Confirmed, hit.Tags);

    /// <summary>
    /// Returns all names by which a value is judged: the names carried by the value, and the names given or declared for the key on this node.
    /// </summary>
    private static string[] NamesOf(Load load, RemoteHit hit, IReadOnlyList<string>? declared)
    {
        var names = LoadCoordinator.UnionOf(load.Tags.Tags, hit.Tags);
        return declared is null ? names : LoadCoordinator.WithoutMarkOf(load.Key, LoadCoordinator.UnionOf(names, declared));
    }

    private int Partition => context.Horizon.Partition;

    /// <summary>Stores the loaded value under the lease, or releases the lease. No caller waits for the result.</summary>
    /// <param name="lease">Lease.</param>
    /// <param name="load">Load that has ended.</param>
    /// <param name="carried">All names carried by the value.</param>
    /// <param name="loaded">Result of the load.</param>
    /// <param name="isKept">Whether the value is stored.</param>
    /// <param name="replaces">Whether an older value is removed if this value is not stored.</param>
    /// <param name="life">Lifetime of the value.</param>
    public void EndBehind<T>(RemoteLease lease, Load load, TagSet carried, in Loaded<T> loaded, bool isKept, bool replaces, in EntryLifetime life)
    {
        if (!isKept)
        {
            ReleaseBehind(lease, replaces);
            return;
        }

        var value = new RemoteValue(
            loaded.Payload, loaded.Stamp, carried.Tags, TimeSpan.FromMilliseconds(life.Expiration), !life.Skips(HybridCacheEntryFlags.DisableCompression))
        {
            ContentVersion = context.ContentVersion,
            Identity = context.Codecs.For<T>().Identity,
        };
        _ = WithoutExecutionContext.Start((Level: this, lease, load.Ticket.Remote!.Generation, value), static s => s.Level.StoreLoadedAsync(s.lease, s.Generation, s.value));
    }

    /// <param name="lease">Lease.</param>
    /// <param name="withValue">Whether to remove the value of the key too. Default: false.</param>
    public void ReleaseBehind(RemoteLease lease, bool withValue = false)
    {
        _leases.Remove(lease);
        _ = WithoutExecutionContext.Start((Level: this, lease, withValue), static s => s.Level.ReleaseAsync(s.lease, s.withValue));
    }

    private async Task StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value)
    {
        try
        {
            if (await Store.StoreLoadedAsync(lease, generation, value, CancellationToken.None).ConfigureAwait(false))
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
    /// Releases a lease. A remaining lease costs every other node a wait, so a failed release is repeated during the lifetime of the lease: soon if
    /// there was no connection, with growing pauses if a server refused (busy, full, loading, or a replica now).
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
