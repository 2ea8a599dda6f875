namespace Unstale.Loading;

/// <summary>Counts one call of a factory, and measures the duration if the metric is observed. An instance that was not started does nothing.</summary>
internal readonly struct LoadTiming
{
    private readonly bool _isStarted;
    private readonly long _timestamp;

    private LoadTiming(long timestamp)
    {
        _isStarted = true;
        _timestamp = timestamp;
    }

    public static LoadTiming Start(StoreContext context)
    {
        context.Metrics.LoadStarted();
        return new LoadTiming(context.Metrics.MeasuresLoads ? context.Clock.Provider.GetTimestamp() : 0);
    }

    /// <summary>Ends the call for one key.</summary>
    public void End(StoreContext context, string key, Exception? failure)
    {
        if (_isStarted)
            context.Metrics.RaiseLoaded(key, End(context, failure), failure);
    }

    /// <summary>Ends a call for several keys. Returns the duration; null if not measured.</summary>
    public TimeSpan? End(StoreContext context, Exception? failure)
    {
        TimeSpan? duration = _timestamp == 0 ? null : context.Clock.Provider.GetElapsedTime(_timestamp);
        context.Metrics.LoadEnded(duration, failure is not null);
        return duration;
    }
}
