using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Memory;
using Unstale.Telemetry;

namespace Unstale.Loading;

/// <content>Fail-safe: an expired value that no record has invalidated, for callers whose load fails or takes too long.</content>
internal sealed partial class LoadCoordinator
{
    /// <summary>Keys whose load failed shortly before, so that the source is not called for each read.</summary>
    private readonly RefreshPauses _failures = new();

    /// <summary>Loads a value. If the load fails, or exceeds the soft timeout, returns the value that memory keeps for this case.</summary>
    public async ValueTask<CacheResult<T>> LoadSafelyAsync<TState, T>(
        string key, LoadFactory<TState, T> source, EntryLifetime life, string[] tags, CancellationToken cancellationToken)
    {
        var policy = life.Policy!;
        var parent = AmbientLoad.Current;
        if (_failures.IsPaused(key, context.Clock.Now) && Kept<T>(key, life, parent) is { } paused)
            return paused;
        try
        {
            return policy.SoftTimeout > 0
                ? await LoadWithinSoftTimeoutAsync(key, source, life, tags, parent, cancellationToken).ConfigureAwait(false)
                : await LoadAsync(key, source, life, tags, withOutcome: true, cancellationToken).ResultAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RecursiveLoadException && !cancellationToken.IsCancellationRequested && !lifetime.IsCancellationRequested)
        {
            if (Kept<T>(key, life, parent) is not { } kept)
                throw;
            _failures.Begin(key, context.Clock.Now, policy.FailSafePause);
            context.FailSafeUsed(exception);
            return kept;
        }
    }

    /// <summary>
    /// Waits for a load until the soft timeout. Afterwards the load continues without the caller. The load has no token of a caller, because it must outlive the caller.
    /// </summary>
    private async ValueTask<CacheResult<T>> LoadWithinSoftTimeoutAsync<TState, T>(
        string key, LoadFactory<TState, T> source, EntryLifetime life, string[] tags, Load? parent, CancellationToken cancellationToken)
    {
        if (!HasKept<T>(key, life))
            return await LoadAsync(key, source, life, tags, withOutcome: true, cancellationToken).ResultAsync().ConfigureAwait(false);
        var load = Task.Run(() => LoadAsync(key, source, life, tags, withOutcome: true, CancellationToken.None).ResultAsync().AsTask(), CancellationToken.None);
        Observe(load);
        var limit = TimeSpan.FromMilliseconds(life.Policy!.SoftTimeout);
        try
        {
            return await load.WaitAsync(limit, context.Clock.Provider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!load.IsCompleted)
        {
            if (Kept<T>(key, life, parent) is { } kept)
                return kept;
        }

        return await load.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private bool HasKept<T>(string key, in EntryLifetime life) =>
        !life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead) && context.Entries.Find(key)?.IsOf<T>() == true;

    /// <summary>
    /// Returns the entry whose value memory keeps: not invalidated, on a trusted node, and within the time of the fail-safe; null if there is none. Checks trust, marks and
    /// time in the order of a hit.
    /// </summary>
    public Entry? FindKept<T>(string key, out T value, out long now)
    {
        (value, now) = (default!, 0);
        return context.Entries.Find(key) is { } entry && entry.IsOf<T>()
            && context.Horizon.View.StateOf(entry, entry.KeptUntil, entry.KeptUntil, context.Clock, out now) == EntryState.Live
            && context.TryRead(entry, out value!) ? entry : null;
    }

    /// <summary>Reads the value of an entry that was found before, and may have been removed since.</summary>
    public bool TryReadKept<T>(Entry entry, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return entry.IsOf<T>() && context.TryRead(entry, out value);
    }

    /// <summary>Returns the value that memory may serve to a caller whose load fails.</summary>
    private CacheResult<T>? Kept<T>(string key, in EntryLifetime life, Load? parent)
    {
        if (life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead) || FindKept<T>(key, out var value, out var now) is not { } entry)
            return null;
        if (now < entry.ExpiresAt)
        {
            AmbientLoad.Record(parent, context, key, entry.Tags.Names);
            return AllowedResult(entry, value);
        }

        AmbientLoad.Taint(parent);
        context.Metrics.FailSafeServe(key);
        MeasureAge(CacheOutcome.FailSafe, entry.StoredAt);
        return new CacheResult<T>(value, CacheOutcome.FailSafe);
    }
}
