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

    public void End(StoreContext context, bool failed)
    {
        if (_isStarted)
            context.Metrics.LoadEnded(_timestamp == 0 ? null : context.Clock.Provider.GetElapsedTime(_timestamp), failed);
    }
}
