using System.Diagnostics.Metrics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Metrics of the queue of published events, whose handlers no caller awaits.</summary>
internal sealed class EventQueueMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly GuardedMeter _meter;
    private readonly GuardedCounter _lost;
    private readonly GuardedCounter _failed;
    private Func<int>? _waiting;

    public EventQueueMetrics(IMeterFactory? meters, string cacheName, Func<int> waiting)
    {
        _waiting = waiting;
        _cacheTag = new(Names.CacheName, cacheName);
        _meter = new GuardedMeter(meters, Names.Source, _cacheTag);
        _lost = _meter.CreateCounter("unstale.events.lost", "{event}", "Published events that were not handled: the queue was full, or the process ended.");
        _failed = _meter.CreateCounter("unstale.events.unhandled", "{event}", "Published events whose handler threw while no caller waited.");
        _meter.CreateObservableUpDownCounter(
            "unstale.events.queued",
            () => Volatile.Read(ref _waiting) is { } count ? [new Measurement<long>(count(), _cacheTag)] : Array.Empty<Measurement<long>>(),
            "{event}",
            "Published events that wait for their handlers.");
    }

    public void Lost(long events) => _lost.Add(events, _cacheTag);

    public void Failed(string type) => _failed.Add(1, _cacheTag, new(Names.EventType, type));

    public void Dispose()
    {
        Volatile.Write(ref _waiting, null);
        _meter.Dispose();
    }
}
