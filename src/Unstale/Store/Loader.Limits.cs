using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <content>Loads with a limit. What has taken too long is abandoned: its callers are answered, and it holds up nobody.</content>
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
        catch (LoadTimeoutException) when (fill.IsAbandoned && Allowed(fill, life, out var value) is { } held)
        {
            FillScope.Record(parent, context, fill.Key, held.Tags.Tags);
            return AllowedResult(held, value);
        }
        finally
        {
            FillScope.EndWait(parent, fill);
        }
    }

    /// <summary>The load, on a thread of its own: code that blocks its thread does not hold up the limit.</summary>
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

    /// <summary>Answers its callers and gives back what it holds of others. False if it has ended.</summary>
    private bool TryAbandon<T>(Fill<T> fill, LoadTimeoutException passed)
    {
        lock (context.Horizon.Gate)
        {
            if (fill.IsEnded)
                return false;
            fill.IsAbandoned = true;
            Forget_NeedsLock(fill);
        }

        // In this order: the load looks at its token after it was given a lease or a place, so one of the two gives it back.
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

    /// <summary>The token is cancelled at once. User code that was registered with it holds up nobody, and what it throws is logged.</summary>
    private async Task CancelAsync(Task<Exception?> cancelled)
    {
        if (await cancelled.ConfigureAwait(false) is { } failure)
            context.Logger.CancellationFailed(failure, context.Name);
    }

    /// <summary>A value that memory may serve by now, stale or not, to a caller whose load or wait took too long.</summary>
    private Entry? Allowed<T>(Fill<T> fill, in EntryLife life, out T value)
    {
        value = default!;
        if (life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead))
            return null;
        var now = context.Clock.Now;
        var view = context.Horizon.View;
        var entry = context.Entries.Find(fill.Identity);
        return entry is ValueEntry<T> or PayloadEntry<T> && now < entry.ExpiresAt && view.IsTrusted(now) && view.IsValid(entry) && context.TryRead(entry, out value!) ? entry : null;
    }

    private CacheResult<T> AllowedResult<T>(Entry held, T value) =>
        new(value, context.Clock.Now < held.FreshUntil ? CacheOutcome.Memory : CacheOutcome.Stale);
}
