using System.Diagnostics.Metrics;

namespace Unstale.Boundary;

/// <summary>
/// Must be used for every instrument. A listener that throws when an instrument is created, measured or disposed does not affect the measured code. The
/// failures are counted.
/// </summary>
internal sealed class GuardedMeter : IDisposable
{
    private readonly Meter? _meter;

    /// <param name="factory">Factory of the meter. If null, this object owns the meter.</param>
    /// <param name="name">Name of the meter.</param>
    /// <param name="tags">Attributes of the meter.</param>
    public GuardedMeter(IMeterFactory? factory, string name, params KeyValuePair<string, object?>[] tags) =>
        _meter = Made(() => factory?.Create(new MeterOptions(name) { Tags = tags })) ?? Made(() => new Meter(new MeterOptions(name) { Tags = tags }));

    public GuardedCounter CreateCounter(string name, string unit, string description) =>
        new(Made(() => _meter?.CreateCounter<long>(name, unit, description)));

    public GuardedHistogram<T> CreateHistogram<T>(string name, string unit, string description)
        where T : struct => new(Made(() => _meter?.CreateHistogram<T>(name, unit, description)));

    /// <summary>Creates a histogram of seconds.</summary>
    /// <param name="name">Name of the instrument.</param>
    /// <param name="description">Description of the instrument.</param>
    /// <param name="boundaries">Upper limits of the buckets that a collector should use, in seconds.</param>
    public GuardedHistogram<double> CreateHistogram(string name, string description, IReadOnlyList<double> boundaries) =>
        new(Made(() => _meter?.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries })));

    public void CreateObservableCounter<T>(string name, Func<IEnumerable<Measurement<T>>> observe, string unit, string description)
        where T : struct => Made(() => _meter?.CreateObservableCounter(name, observe, unit, description));

    public void CreateObservableUpDownCounter<T>(string name, Func<IEnumerable<Measurement<T>>> observe, string unit, string description)
        where T : struct => Made(() => _meter?.CreateObservableUpDownCounter(name, observe, unit, description));

    public void CreateObservableGauge<T>(string name, Func<IEnumerable<Measurement<T>>> observe, string unit, string description)
        where T : struct => Made(() => _meter?.CreateObservableGauge(name, observe, unit, description));

    public void Dispose()
    {
        try
        {
            _meter?.Dispose();
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Meter);
        }
    }

    private static T? Made<T>(Func<T?> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Meter);
            return null;
        }
    }
}
