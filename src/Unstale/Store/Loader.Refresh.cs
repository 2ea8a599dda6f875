using System.Diagnostics;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <content>Refreshes behind: loads that callers start and do not wait for.</content>
internal sealed partial class Loader
{
    /// <summary>
    /// Whether the running code may start a refresh; the one place that decides it. None may start inside a unit of work: it would share
    /// what may never be committed.
    /// </summary>
    public bool MayRefreshBehind => !context.IsInUnitOfWork();

    /// <summary>Loads a key anew behind those who are served the old value; one load at a time.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry that was served.</param>
    /// <param name="source">The caller's factory.</param>
    /// <param name="life">How the entry lives.</param>
    /// <param name="tags">The tags given with the call.</param>
    public void RefreshBehind<TState, T>(string key, Entry entry, FillSource<TState, T> source, EntryLife life, string[] tags)
    {
        // One that was served for the last time is gone; what loaded it anew before began before it was invalidated.
        var held = entry.IsRemoved ? null : entry;
        if (held is { IsRefreshing: true } || !MayRefreshBehind || TryStartRefresh<T>(held, FillIdentity.Of<T>(key, life), tags) is not { } fill)
            return;
        entry.IsRefreshing = true;
        ThreadPool.QueueUserWorkItem(_ => _ = RefreshAsync(fill, entry, source, life), null);
    }

    /// <summary>
    /// Runs in a copy of its caller's flow, so that a tenant, a user or a culture is what it was for the first load. The copy leaves what
    /// belongs to the caller alone: unit of work, outer load, activity.
    /// </summary>
    private async Task RefreshAsync<TState, T>(Fill<T> fill, Entry entry, FillSource<TState, T> source, EntryLife life)
    {
        if (Activity.Current is { } cause)
            fill.Links = [new ActivityLink(cause.Context)];
        GuardedSpan.MakeCurrent(null);
        FillScope.Leave();
        context.LeaveUnitOfWork();
        try
        {
            using var ends = lifetime.UnsafeRegister(static f => ((Fill)f!).Cancel(), fill);
            await RunAsync(fill, source, life, isRefresh: true).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            context.Logger.RefreshFailed(exception, context.Name);
        }
        finally
        {
            entry.IsRefreshing = false;
        }
    }

    /// <summary>Not while a fill is running that brings what is true now, nor when one has brought another entry meanwhile.</summary>
    private Fill<T>? TryStartRefresh<T>(Entry? held, FillIdentity identity, string[] tags)
    {
        var horizon = context.Horizon;
        var now = context.Clock.Now;
        lock (horizon.Gate)
        {
            if (context.Entries.Find(identity) != held)
                return null;
            var set = horizon.Tags.Hold(tags);
            if (_fills.TryGetValue(identity, out var running) && horizon.MayJoin(running.Ticket, identity.Key, set, now))
            {
                horizon.Tags.Release(set);
                return null;
            }

            var fill = new Fill<T>(this, identity, horizon.BeginFill(identity.Key, set, now), set, null, new CancellationTokenSource());
            _fills[identity] = fill;
            return fill;
        }
    }
}
