using Unstale.Boundary;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale;

/// <content>Stale values found by the application.</content>
public sealed partial class UnstaleCache
{
    private OncePerMinute _staleLogged;

    /// <summary>
    /// Reports that the application has found a stale value: a value read from this cache that the source contradicts. Counts the report
    /// (<c>unstale.stale.reported</c>) and logs the explanation of the key as a warning (event 88), at most once a minute. Does not invalidate the key.
    /// </summary>
    /// <remarks>
    /// Call the method where stale data becomes visible, such as a write that fails on an old row version, before invalidating the key: the explanation shows
    /// the state of the key at the call. The log line contains the key, unlike the other lines of this library.
    /// </remarks>
    /// <param name="key">Key of the value. A key that cannot be explained is counted too, and the log line contains the reason.</param>
    public void ReportStale(string key)
    {
        _metrics.StaleReported();
        if (_staleLogged.IsDue(_clock.Now))
            _ = WithoutExecutionContext.Start((Cache: this, key), static s => s.Cache.LogStaleAsync(s.key));
    }

    private async Task LogStaleAsync(string key)
    {
        string explanation;
        try
        {
            explanation = (await ExplainAsync(key).ConfigureAwait(false)).ToString();
        }
        catch (Exception exception)
        {
            explanation = exception.Message;
        }

        _context.Logger.StaleReported(Name, explanation);
    }
}
