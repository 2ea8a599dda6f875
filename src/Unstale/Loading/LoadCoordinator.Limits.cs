using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <content>Loads with a time limit. A load exceeding the limit is abandoned: the callers no longer wait, and the load blocks nothing else.</content>
internal sealed partial class LoadCoordinator
{
    private async ValueTask<CacheResult<T>> LimitedAsync<TState, T>(
        Load<T> load, LoadFactory<TState, T> source, EntryLifetime life, Load? parent, CancellationToken cancellationToken)
    {
        var run = RunWithinAsync(load, source, life);
        try
        {
            return await WaitAsync(load, run, 0, cancellationToken).ConfigureAwait(false);
        }
        catch (LoadTimeoutException) when (load.IsAbandoned && Allowed<T>(load.Identity, life, out var value) is { } held)
        {
            AmbientLoad.Record(parent, context, load.Key, held.Tags.Names);
            return AllowedResult(held, value);
        }
        finally
        {
            AmbientLoad.EndWait(parent, load);
        }
    }

    /// <summary>Runs the load on a separate thread, so that code blocking the thread does not delay the limit.</summary>
    private async Task<CacheResult<T>> RunWithinAsync<TState, T>(Load<T> load, LoadFactory<TState, T> source, EntryLifetime life)
    {
        var limit = TimeSpan.FromMilliseconds(life.LoadTimeout);
        var run = Task.Run(() => RunAsync(load, source, life).AsTask(), CancellationToken.None);
        try
        {
            return await run.WaitAsync(limit, context.Clock.Provider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var passed = Errors.LoadTimeout(context.Name, load.Key, limit);
            if (run.IsCompleted || !TryAbandon(load, passed))
                return await run.ConfigureAwait(false);
            Observe(run);
            context.Logger.LoadAbandoned(context.Name, limit);
            throw passed;
        }
    }

    /// <summary>Fails the waiting callers and returns the lease and the slot of the load. Returns false if the load has already ended.</summary>
    private bool TryAbandon<T>(Load<T> load, LoadTimeoutException passed)
    {
        lock (context.Horizon.Gate)
        {
            if (load.IsEnded)
                return false;
            load.IsAbandoned = true;
            Forget_NeedsLock(load);
        }

        // In this order: the load checks its token after receiving a lease or a slot, so one of the two returns it.
        _ = WithoutExecutionContext.Start((Loader: this, load), static s => s.Loader.CancelAsync(s.load.CancelAsync()));
        ReleaseLease(load);
        load.ReleaseSlots();
        RecordFailed(load.Parent, load);
        foreach (var waiters in load.Joined ?? [])
            waiters.Fail(passed);
        return true;
    }

    /// <summary>
    /// Waits for the callbacks of a token, which is already cancelled. Callbacks of user code delay no caller, and their exceptions are logged.
    /// </summary>
    private async Task CancelAsync(Task<Exception?> cancelled)
    {
        if (await cancelled.ConfigureAwait(false) is { } failure)
            context.Logger.CancellationFailed(failure, context.Name);
    }

    /// <summary>
    /// Returns the entry that memory may serve now, fresh or stale, to a caller whose load or wait exceeded its limit; null if there is none.
    /// </summary>
    public Entry? Allowed<T>(in LoadIdentity identity, in EntryLifetime life, out T value)
    {
        value = default!;
        if (life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead))
            return null;
        var entry = context.Entries.Find(identity.Key, identity.Hash);
        return entry is not null && entry.IsOf<T>() && entry.StateIn(context.Horizon.View, context.Clock, out _) is EntryState.Live or EntryState.Stale
            && context.TryRead(entry, out value!) ? entry : null;
    }

    /// <summary>Measures the age of a value that is served stale, by the fail-safe, or from a load that had already begun. Other outcomes have no age.</summary>
    /// <param name="outcome">Source of the value.</param>
    /// <param name="since">Time at which the value was stored, or at which its load began, in monotonic milliseconds.</param>
    public void MeasureAge(CacheOutcome outcome, long since)
    {
        if (outcome is CacheOutcome.Stale or CacheOutcome.Joined or CacheOutcome.FailSafe && context.Metrics.MeasuresServedAge)
            context.Metrics.ServedOld(outcome, context.Clock.Now - since);
    }

    /// <summary>Returns the outcome of a read that received an entry in place of a loaded value.</summary>
    public CacheOutcome OutcomeOf(Entry held) => context.Clock.Now < held.FreshUntil ? CacheOutcome.Memory : CacheOutcome.Stale;

    private CacheResult<T> AllowedResult<T>(Entry held, T value)
    {
        var outcome = OutcomeOf(held);
        MeasureAge(outcome, held.StoredAt);
        return new(value, outcome);
    }
}
