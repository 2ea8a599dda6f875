using System.Diagnostics.Metrics;

namespace Unstale.Boundary;

/// <summary>A counter whose listeners may throw.</summary>
/// <param name="counter">Null if making it failed.</param>
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

/// <summary>A histogram whose listeners may throw.</summary>
/// <param name="histogram">Null if making it failed.</param>
internal readonly struct GuardedHistogram<T>(Histogram<T>? histogram)
    where T : struct
{
    /// <summary>False while nobody listens.</summary>
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
