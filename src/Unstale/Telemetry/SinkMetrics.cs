using System.Diagnostics.Metrics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Metrics of the invalidations sent to one sink. Updated by one thread at a time.</summary>
internal sealed class SinkMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly GuardedMeter _meter;
    private readonly GuardedCounter _delivered;
    private readonly GuardedCounter _widened;
    private readonly GuardedCounter _missed;
    private readonly GuardedCounter _collapsed;
    private readonly GuardedCounter _failures;
    private Func<long>? _queued;

    public SinkMetrics(IMeterFactory? meters, string logName, string sinkName)
    {
        _tags = [new(Names.LogName, logName), new(Names.SinkName, sinkName)];
        _meter = new GuardedMeter(meters, Names.Source, _tags);
        _delivered = _meter.CreateCounter("unstale.sink.delivered", "{record}", "Records passed to a sink.");
        _widened = _meter.CreateCounter("unstale.sink.widened", "{name}", "Names that were passed to a sink as something broader.");
        _missed = _meter.CreateCounter("unstale.sink.missed", "{name}", "Names, and everything, that exceed the capabilities of a partial sink.");
        _collapsed = _meter.CreateCounter("unstale.sink.collapsed", "{record}", "Number of times that everything was passed in place of records.");
        _failures = _meter.CreateCounter("unstale.sink.failures", "{call}", "Calls of a sink that failed.");
        _meter.CreateObservableGauge("unstale.sink.queued", Queued, "{record}", "Records not yet passed to a sink.");
    }

    /// <summary>Sets the source for the number of queued records.</summary>
    public void Follow(Func<long> queued) => Volatile.Write(ref _queued, queued);

    /// <param name="isRecord">Whether one record was sent. False: everything, in place of several records.</param>
    /// <param name="widened">Number of names in the record sent as something broader.</param>
    /// <param name="missed">Number of names that could not be sent.</param>
    public void Delivered(bool isRecord, int widened, int missed)
    {
        if (isRecord)
            _delivered.Add(1, _tags);
        else if (missed == 0)
            _collapsed.Add(1, _tags);
        if (widened > 0)
            _widened.Add(widened, _tags);
        if (missed > 0)
            _missed.Add(missed, _tags);
    }

    public void Failed() => _failures.Add(1, _tags);

    public void Dispose()
    {
        Volatile.Write(ref _queued, null);
        _meter.Dispose();
    }

    private Measurement<long>[] Queued() => Volatile.Read(ref _queued) is { } queued ? [new Measurement<long>(queued(), _tags)] : [];
}
