using System.Diagnostics.Metrics;

namespace Unstale.Boundary;

/// <summary>Counter whose listeners may throw.</summary>
/// <param name="counter">Counter; null if its creation failed.</param>
internal readonly struct GuardedCounter(Counter<long>? counter)
{
    public void Add(long delta, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            counter?.Add(delta, tags);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Meter);
        }
    }
}

/// <summary>Histogram whose listeners may throw.</summary>
/// <param name="histogram">Histogram; null if its creation failed.</param>
internal readonly struct GuardedHistogram<T>(Histogram<T>? histogram)
    where T : struct
{
    /// <summary>Whether a listener is attached.</summary>
    public bool Enabled => histogram is { Enabled: true };

    public void Record(T value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            histogram?.Record(value, tags);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Meter);
        }
    }
}
