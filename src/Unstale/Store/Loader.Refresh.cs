using System.Diagnostics;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <content>Refreshes behind: loads that callers start and do not wait for.</content>
internal sealed partial class Loader
{
    /// <summary>Refreshes of values that only the second level holds.</summary>
    private readonly Dictionary<FillIdentity, Fill> _apart = [];

    /// <summary>
    /// Whether the running code may start a refresh; the one place that decides it. None may start inside a unit of work: it would share
    /// what may never be committed.
    /// </summary>
    public bool MayRefreshBehind => !context.IsInUnitOfWork();

    /// <summary>Loads a key anew behind those who are served the old value; one load at a time.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry that was served; null if the second level alone holds the value.</param>
    /// <param name="source">The caller's factory.</param>
    /// <param name="life">How the entry lives.</param>
    /// <param name="tags">The tags given with the call.</param>
    public void RefreshBehind<TState, T>(string key, Entry? entry, FillSource<TState, T> source, EntryLife life, string[] tags)
    {
        // One that was served for the last time is gone; what loaded it anew before began before it was invalidated.
        var isGone = entry is { IsRemoved: true };
        var held = isGone ? null : entry;
        if (held is { IsRefreshing: true } || !CanKeep(life) || !MayRefreshBehind
            || (!isGone && _pauses.IsPaused(key, context.Clock.Now))
            || TryStartRefresh<T>(held, isApart: entry is null, FillIdentity.Of<T>(key, life), tags) is not { } fill)
            return;
        if (held is not null)
            held.IsRefreshing = true;
        ThreadPool.QueueUserWorkItem(_ => _ = RefreshAsync(fill, held, source, life), null);
    }

    /// <summary>
    /// Runs in a copy of its caller's flow, so that a tenant, a user or a culture is what it was for the first load. The copy leaves what
    /// belongs to the caller alone: unit of work, outer load, activity.
    /// </summary>
    private async Task RefreshAsync<TState, T>(Fill<T> fill, Entry? held, FillSource<TState, T> source, EntryLife life)
    {
        Exception? failure = null;
        try
        {
            if (Activity.Current is { } cause)
                fill.Links = [new ActivityLink(cause.Context)];
            GuardedSpan.MakeCurrent(null);
            FillScope.Leave();
            context.LeaveUnitOfWork();
            using var ends = lifetime.UnsafeRegister(static f => ((Fill)f!).Cancel(), fill);
            if (life.LoadTimeout > 0)
                await RunWithinAsync(fill, source, life).ConfigureAwait(false);
            else
                await RunAsync(fill, source, life).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (!fill.IsKept)
            _pauses.Begin(fill.Key, context.Clock.Now);
        if (held is not null)
            held.IsRefreshing = false;
        EndApart(fill);
        if (failure is not null && !lifetime.IsCancellationRequested)
            context.Logger.RefreshFailed(failure, context.Name);
    }

    /// <summary>A refresh for a reader whose options keep its value nowhere would serve nobody.</summary>
    private bool CanKeep(in EntryLife life) =>
        !life.Skips(HybridCacheEntryFlags.DisableUnderlyingData) && (life.KeepsHere || (_remote is not null && life.KeepsRemotely));

    /// <summary>
    /// Not while a load is running that brings what is true now, nor when one has brought another entry meanwhile. Callers join the refresh of
    /// an entry that is gone or about to go. They do not join one of a value that only the second level holds: it is served there.
    /// </summary>
    private Fill<T>? TryStartRefresh<T>(Entry? held, bool isApart, in FillIdentity identity, string[] tags)
    {
        var horizon = context.Horizon;
        var now = context.Clock.Now;
        lock (horizon.Gate)
        {
            if (context.Entries.Find(identity) != held)
                return null;
            var set = horizon.Tags.Hold(tags);
            if (Brings_NeedsLock(_fills, identity, set, now) || Brings_NeedsLock(_apart, identity, set, now))
            {
                horizon.Tags.Release(set);
                return null;
            }

            var fill = new Fill<T>(this, identity, horizon.BeginFill(identity.Key, set, now), set, null, new CancellationTokenSource()) { IsRefresh = true };
            (isApart ? _apart : _fills)[identity] = fill;
            return fill;
        }
    }

    /// <summary>After its pause has begun, or a read in between would start another.</summary>
    private void EndApart(Fill fill)
    {
        lock (context.Horizon.Gate)
        {
            if (_apart.TryGetValue(fill.Identity, out var apart) && apart == fill)
                _apart.Remove(fill.Identity);
        }
    }

    private bool Brings_NeedsLock(Dictionary<FillIdentity, Fill> running, in FillIdentity identity, TagSet tags, long now) =>
        running.TryGetValue(identity, out var fill) && context.Horizon.MayJoin(fill.Ticket, identity.Key, tags, now);
}
