using Unstale.Boundary;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>Limits of the concurrent loads of one cache. A load has at most two slots: one by its key, and one while the source is protected.</summary>
internal sealed class LoadLimits
{
    private readonly LoadLimiter? _ofCache;
    private readonly KeyValuePair<string, LoadLimiter>[] _ofPrefixes;
    private readonly LoadLimiter _ofUntrusted;

    public LoadLimits(string cache, UnstaleOptions options, CacheMetrics metrics, GuardedTime time)
    {
        LoadLimiter Of(string setting, SlotRank rank, LoadLimit limit) =>
            new(cache, setting, rank, limit, time) { Metrics = metrics.AddLimit(setting) };

        _ofCache = options.LoadLimit is { } own ? Of(nameof(options.LoadLimit), SlotRank.Cache, own) : null;
        _ofPrefixes =
        [
            .. options.PrefixLoadLimits.OrderByDescending(static p => p.Key.Length)
                .Select(p => KeyValuePair.Create(p.Key, Of($"{nameof(options.PrefixLoadLimits)}[{p.Key}]", SlotRank.Prefix, p.Value))),
        ];
        var untrusted = new LoadLimit { MaximumLoads = options.MaximumUntrustedLoads, MaximumWaiting = options.UntrustedLoadsWaiting, SlotTimeout = Timeout.InfiniteTimeSpan };
        _ofUntrusted = Of(nameof(options.MaximumUntrustedLoads), SlotRank.Untrusted, untrusted);
    }

    /// <summary>Whether loads are limited while the source is not protected.</summary>
    public bool IsAny => _ofCache is not null || _ofPrefixes.Length > 0;

    /// <summary>
    /// Waits for the slots of a load, which <see cref="Load.ReleaseSlots"/> returns. The slot by key is first: a load that waits for a slow source must not occupy a slot that
    /// loads of all sources share.
    /// </summary>
    /// <param name="load">Load that needs slots.</param>
    /// <param name="key">Key that determines the limit; null if the load needs no slot by its key.</param>
    /// <param name="protectedBecause">Reason why the source is protected, for the message; null if the source is not protected.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask EnterAsync(Load load, string? key, string? protectedBecause, CancellationToken cancellationToken)
    {
        var own = key is null ? null : For(key);
        if (own is not null)
            cancellationToken.ThrowIfCancellationRequested(); // a load abandoned before it began takes no slot, not even for a moment
        if (own is not null && await own.EnterAsync(load, protectedBecause: null, cancellationToken).ConfigureAwait(false))
            load.Occupy(own);
        if (protectedBecause is not null && await _ofUntrusted.EnterAsync(load, protectedBecause, cancellationToken).ConfigureAwait(false))
            load.Occupy(_ofUntrusted);
        cancellationToken.ThrowIfCancellationRequested(); // a canceller releases the slots afterwards, so one of the two returns each
    }

    /// <summary>Returns the limit of the longest matching prefix, otherwise that of the cache; null if there is none.</summary>
    private LoadLimiter? For(ReadOnlySpan<char> whole)
    {
        var key = NamespaceName.KeyWithin(whole);
        foreach (var (prefix, limiter) in _ofPrefixes)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                return limiter;
        }

        return _ofCache;
    }
}
