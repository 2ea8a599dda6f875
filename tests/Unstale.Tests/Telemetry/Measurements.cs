using System.Diagnostics.Metrics;

namespace Unstale.Tests.Telemetry;

/// <summary>Measurements of the meter <c>Unstale</c> for one cache or log.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly string _attribute;
    private readonly string _name;

    private readonly Action<string>? _noted;

    /// <param name="attribute">Attribute with the name of the cache or log.</param>
    /// <param name="name">Name of the cache or log.</param>
    /// <param name="noted">Called with the label of each measurement. Default: null (no callback).</param>
    public Measurements(string attribute, string name, Action<string>? noted = null)
    {
        _noted = noted;
        _attribute = attribute;
        _name = name;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (string.Equals(instrument.Meter.Name, "Unstale", StringComparison.Ordinal))
            {
                Units[instrument.Name] = instrument.Unit;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    public System.Collections.Concurrent.ConcurrentDictionary<string, string?> Units { get; } = new(StringComparer.Ordinal);

    /// <summary>Returns the last value by instrument and by the attribute that is not the name, as in <c>unstale.cache.evictions/age</c>.</summary>
    public Dictionary<string, double> Read()
    {
        lock (_values)
            _values.Clear();

        _listener.RecordObservableInstruments();
        return Recorded();
    }

    /// <summary>Adds observed values to the recorded ones.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public Dictionary<string, double> Recorded()
    {
        lock (_values)
            return new(_values, StringComparer.Ordinal);
    }

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var mine = false;
        var label = instrument.Name;
        foreach (var (key, tag) in tags)
        {
            var isName = string.Equals(key, _attribute, StringComparison.Ordinal);
            mine |= isName && string.Equals((string?)tag, _name, StringComparison.Ordinal);
            label += isName ? "" : $"/{tag}";
        }

        if (mine)
        {
            lock (_values)
            {
                _values[label] = value;
                _noted?.Invoke(label);
            }
        }
    }
}
