using System.Diagnostics;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Telemetry;

namespace Unstale.Loading;

/// <content>Background refreshes: loads that callers start without waiting for the result.</content>
internal sealed partial class LoadCoordinator
{
    /// <summary>Refreshes of values held only by the second level.</summary>
    private readonly Dictionary<LoadIdentity, Load> _apart = [];

    /// <summary>
    /// Whether the running code may start a refresh; decided only here. No refresh may start inside a unit of work, because the refresh would share
    /// data which may never be committed.
    /// </summary>
    public bool MayRefreshBehind => !context.IsInUnitOfWork();

    /// <summary>Loads a key again in the background while callers receive the old value. Only one load runs at a time.</summary>
    /// <param name="key">Key.</param>
    /// <param name="entry">Entry that was served; null if only the second level holds the value.</param>
    /// <param name="source">Factory of the caller.</param>
    /// <param name="life">Lifetime of the entry.</param>
    /// <param name="tags">Tags of the call.</param>
    /// <param name="isRenewal">Whether the factory returns the value of the entry and calls no source.</param>
    public void RefreshBehind<TState, T>(string key, Entry? entry, LoadFactory<TState, T> source, EntryLifetime life, ReadOnlySpan<string> tags, bool isRenewal = false)
    {
        // An entry served for the last time is removed. Earlier refreshes began before the invalidation, so their pause does not apply.
        var isGone = entry is { IsRemoved: true };
        var held = isGone ? null : entry;
        if (held is { IsRefreshing: true } || !CanKeep(life) || !MayRefreshBehind
            || (!isGone && _pauses.IsPaused(key, context.Clock.Now))
            || TryStartRefresh<T>(held, isApart: entry is null, isRenewal, LoadIdentity.For<T>(key, life), tags) is not { } load)
            return;
        if (held is not null)
            held.IsRefreshing = true;
        ThreadPool.QueueUserWorkItem(_ => _ = RefreshAsync(load, held, source, life), null);
    }

    /// <summary>
    /// Runs a refresh in a copy of the caller's flow, so that tenant, user and culture are the same as for the first load. The copy is detached from
    /// the unit of work, the outer load and the activity of the caller.
    /// </summary>
    private async Task RefreshAsync<TState, T>(Load<T> load, Entry? held, LoadFactory<TState, T> source, EntryLifetime life)
    {
        Exception? failure = null;
        try
        {
            if (Activity.Current is { } cause)
                load.Links = [new ActivityLink(cause.Context)];
            GuardedSpan.MakeCurrent(null);
            AmbientLoad.Leave();
            context.LeaveUnitOfWork();
            using var ends = lifetime.UnsafeRegister(static f => ((Load)f!).Cancel(), load);
            if (life.LoadTimeout > 0)
                await RunWithinAsync(load, source, life).ConfigureAwait(false);
            else
                await RunAsync(load, source, life).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (!load.IsKept)
            _pauses.Begin(load.Key, context.Clock.Now);
        if (held is not null)
            held.IsRefreshing = false;
        EndApart(load);
        if (failure is not null && !lifetime.IsCancellationRequested)
            context.Logger.RefreshFailed(failure, context.Name);
    }

    /// <summary>Reports whether a level stores the refreshed value. Without storage a refresh would serve no caller.</summary>
    private bool CanKeep(in EntryLifetime life) =>
        !life.Skips(HybridCacheEntryFlags.DisableUnderlyingData) && (life.KeepsHere || (_remote is not null && life.KeepsRemotely));

    /// <summary>
    /// Starts a refresh, unless a running load brings the current value or another entry was stored meanwhile. Callers join the refresh of an entry
    /// removed or about to be removed. Callers do not join the refresh of a value held only by the second level, because the value is served from
    /// there.
    /// </summary>
    private Load<T>? TryStartRefresh<T>(Entry? held, bool isApart, bool isRenewal, in LoadIdentity identity, ReadOnlySpan<string> tags)
    {
        var horizon = context.Horizon;
        var now = context.Clock.Now;
        lock (horizon.Gate)
        {
            if (context.Entries.Find(identity.Key, identity.Hash) != held)
                return null;
            var set = horizon.Tags.Hold(tags);
            if (Brings_NeedsLock(_loads, identity, set, now) || Brings_NeedsLock(_apart, identity, set, now))
            {
                horizon.Tags.Release(set);
                return null;
            }

            var ticket = horizon.BeginLoad(identity.Key, set, now, mayAskRemote: _remote is not null);
            var load = new Load<T>(this, identity, ticket, set, null, new CancellationTokenSource()) { IsRefresh = true, IsRenewal = isRenewal };
            (isApart ? _apart : _loads)[identity] = load;
            return load;
        }
    }

    /// <summary>Removes a refresh, but only after the pause has begun: otherwise a read in between would start another refresh.</summary>
    private void EndApart(Load load)
    {
        lock (context.Horizon.Gate)
        {
            if (_apart.TryGetValue(load.Identity, out var apart) && apart == load)
                _apart.Remove(load.Identity);
        }
    }

    private bool Brings_NeedsLock(Dictionary<LoadIdentity, Load> running, in LoadIdentity identity, TagSet tags, long now) =>
        running.TryGetValue(identity, out var load) && context.Horizon.MayJoin(load.Ticket, identity.Key, tags, now);
}
