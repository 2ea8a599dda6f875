using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <content>Loads with a time limit. A load exceeding the limit is abandoned: the callers no longer wait, and the load blocks nothing else.</content>
internal sealed partial class Loader
{
    private async ValueTask<CacheResult<T>> LimitedAsync<TState, T>(
        Fill<T> fill, FillSource<TState, T> source, EntryLife life, Fill? parent, CancellationToken cancellationToken)
    {
        var run = RunWithinAsync(fill, source, life);
        try
        {
            return await WaitAsync(fill, run, 0, cancellationToken).ConfigureAwait(false);
        }
        catch (LoadTimeoutException) when (fill.IsAbandoned && Allowed<T>(fill.Identity, life, out var value) is { } held)
        {
            FillScope.Record(parent, context, fill.Key, held.Tags.Names);
            return AllowedResult(held, value);
        }
        finally
        {
            FillScope.EndWait(parent, fill);
        }
    }

    /// <summary>Runs the load on a separate thread, so that code blocking the thread does not delay the limit.</summary>
    private async Task<CacheResult<T>> RunWithinAsync<TState, T>(Fill<T> fill, FillSource<TState, T> source, EntryLife life)
    {
        var limit = TimeSpan.FromMilliseconds(life.LoadTimeout);
        var run = Task.Run(() => RunAsync(fill, source, life).AsTask(), CancellationToken.None);
        try
        {
            return await run.WaitAsync(limit, context.Clock.Provider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var passed = Errors.LoadTimeout(context.Name, fill.Key, limit);
            if (run.IsCompleted || !TryAbandon(fill, passed))
                return await run.ConfigureAwait(false);
            Observe(run);
            context.Logger.LoadAbandoned(context.Name, limit);
            throw passed;
        }
    }

    /// <summary>Fails the waiting callers and returns the lease and the slot of the load. Returns false if the load has already ended.</summary>
    private bool TryAbandon<T>(Fill<T> fill, LoadTimeoutException passed)
    {
        lock (context.Horizon.Gate)
        {
            if (fill.IsEnded)
                return false;
            fill.IsAbandoned = true;
            Forget_NeedsLock(fill);
        }

        // In this order: the load checks its token after receiving a lease or a slot, so one of the two returns it.
        _ = WithoutExecutionContext.Start((Loader: this, fill), static s => s.Loader.CancelAsync(s.fill.CancelAsync()));
        if (fill.TakeLease() is { } lease)
            _remote!.ReleaseBehind(lease);
        if (fill.LeavePlace())
            gate.Leave();
        RecordFailed(fill.Parent, fill);
        foreach (var waiters in fill.Joined ?? [])
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
    public Entry? Allowed<T>(in FillIdentity identity, in EntryLife life, out T value)
    {
        value = default!;
        if (life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead))
            return null;
        var entry = context.Entries.Find(identity);
        return entry is ValueEntry<T> or PayloadEntry<T> && entry.StateIn(context.Horizon.View, context.Clock, out _) is EntryState.Live or EntryState.Stale
            && context.TryRead(entry, out value!) ? entry : null;
    }

    private CacheResult<T> AllowedResult<T>(Entry held, T value) =>
        new(value, context.Clock.Now < held.FreshUntil ? CacheOutcome.Memory : CacheOutcome.Stale);
}
