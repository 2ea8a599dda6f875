using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Unstale.DatabaseTests.PostgreSql.Support;

/// <summary>Measurements of the instruments with one prefix, for one cache of the process.</summary>
internal sealed class Instruments : IDisposable
{
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly string _prefix;
    private readonly string _cache;

    public Instruments(string prefix, string cache)
    {
        (_prefix, _cache) = (prefix, cache);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Unstale" && instrument.Name.StartsWith(prefix, StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Returns the sum of a counter, or the newest value of a gauge; null if it was not measured.</summary>
    public double? this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _values.TryGetValue(_prefix + name, out var value) ? value : null;
        }
    }

    public void Clear() => _values.Clear();

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, tag) in tags)
        {
            if (key == "unstale.cache.name" && (string?)tag == _cache)
                _values.AddOrUpdate(instrument.Name, value, (_, sum) => instrument.IsObservable ? value : sum + value);
        }
    }
}
