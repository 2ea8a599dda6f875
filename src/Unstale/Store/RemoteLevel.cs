using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <summary>
/// How a load uses the second level: look, else ask for the lease; while another holds it, wait a while and look again. Whatever
/// fails there is a miss.
/// </summary>
internal sealed class RemoteLevel(StoreContext context)
{
    private static readonly TimeSpan LeaseLife = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WaitForOther = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReleaseAgain = TimeSpan.FromMilliseconds(200);

    private IRemoteStore Store => context.Remote!;

    /// <summary>A value that may be taken, or the right to fill the key, or neither.</summary>
    public async ValueTask<(RemoteHit? Hit, RemoteLease? Lease)> ReadAsync(Fill fill, EntryLife life, bool isRefresh, Func<RemoteHit, bool> mayTake)
    {
        var began = context.Clock.Now;
        try
        {
            while (Store.IsReachable)
            {
                if (!life.Skips(HybridCacheEntryFlags.DisableDistributedCacheRead) && await GetAsync(fill, life, isRefresh).ConfigureAwait(false) is { } hit && mayTake(hit))
                    return (hit, null);
                if (Volatile.Read(ref context.Horizon.View.Epoch) != fill.Ticket.Epoch || life.Skips(HybridCacheEntryFlags.DisableDistributedCacheWrite | HybridCacheEntryFlags.DisableUnderlyingData))
                    return default;
                if (await Store.LeaseAsync(Partition, fill.Key, fill.Ticket.Generation, LeaseLife, fill.Token).ConfigureAwait(false) is { } lease)
                    return (null, lease);
                if (life.Skips(HybridCacheEntryFlags.DisableDistributedCacheRead) || context.Clock.Now - began >= WaitForOther.TotalMilliseconds)
                    return default;
                await Task.Delay(LookAgain, context.Clock.Provider, fill.Token).ConfigureAwait(false);
            }

            return default;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !fill.Token.IsCancellationRequested)
        {
            context.RemoteFailed(exception);
            return default;
        }
    }

    /// <summary>A refresh takes only what is fresh itself.</summary>
    private async ValueTask<RemoteHit?> GetAsync(Fill fill, EntryLife life, bool isRefresh)
    {
        var hit = await Store.GetAsync(Partition, fill.Key, fill.Ticket.Generation, fill.Token).ConfigureAwait(false);
        return hit is not null && isRefresh && hit.Age.TotalMilliseconds >= life.FreshFor ? null : hit;
    }

    private int Partition => context.Horizon.Partition;

    /// <summary>Stores the loaded value under the lease, or gives the lease back; nobody waits for it.</summary>
    public void FillBehind<T>(RemoteLease lease, Fill fill, in Loaded<T> loaded, bool isTrue, in EntryLife life)
    {
        if (!isTrue || life.Expiration <= 0)
        {
            ReleaseBehind(lease);
            return;
        }

        string[] tags = [.. fill.Tags.Tags.Union(loaded.LateTags ?? [], StringComparer.Ordinal)];
        var value = new RemoteValue(
            loaded.Payload, loaded.Stamp, tags, TimeSpan.FromMilliseconds(life.Expiration), !life.Skips(HybridCacheEntryFlags.DisableCompression));
        _ = FillAsync(lease, fill.Ticket.Generation, value);
    }

    public void ReleaseBehind(RemoteLease lease) => _ = ReleaseAsync(lease);

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

        await ReleaseAsync(lease).ConfigureAwait(false);
    }

    /// <summary>A lease that stays costs every other node a wait: it is given back as soon as there is a way, while it lives.</summary>
    private async Task ReleaseAsync(RemoteLease lease)
    {
        var began = context.Clock.Now;
        while (!await TryReleaseAsync(lease).ConfigureAwait(false) && context.Clock.Now - began < LeaseLife.TotalMilliseconds)
            await Task.Delay(ReleaseAgain, context.Clock.Provider).ConfigureAwait(false);
    }

    private async ValueTask<bool> TryReleaseAsync(RemoteLease lease)
    {
        try
        {
            if (!Store.IsReachable)
                return false;
            await Store.ReleaseAsync(lease, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            context.RemoteFailed(exception);
            return Store.IsReachable;
        }
    }
}
