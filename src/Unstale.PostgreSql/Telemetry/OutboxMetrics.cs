using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.PostgreSql.Telemetry;

/// <summary>Metrics of the outbox of one cache.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly GuardedMeter _meter;
    private readonly GuardedCounter _relayed;
    private readonly GuardedCounter _failures;
    private readonly GuardedCounter _unreadable;
    private readonly LastValue _waiting;
    private readonly LastValue _ageTicks;

    public OutboxMetrics(IMeterFactory? meters, string cacheName)
    {
        _cacheTag = new(Names.CacheName, cacheName);
        (_waiting, _ageTicks) = (new(_cacheTag), new(_cacheTag));
        _meter = new GuardedMeter(meters, Names.Source, _cacheTag);
        _relayed = _meter.CreateCounter("unstale.outbox.relayed", "{row}", "Rows of the outbox whose changes a relay of this process has sent.");
        _failures = _meter.CreateCounter("unstale.outbox.failures", "{attempt}", "Attempts of the relay that failed, and that are repeated.");
        _unreadable = _meter.CreateCounter("unstale.outbox.unreadable", "{row}", "Rows of the outbox that are no change, in whose place everything was invalidated.");
        _meter.CreateObservableGauge(
            "unstale.outbox.waiting", _waiting.Measure, "{row}", "Committed rows of all processes that are not sent, up to 10,000.");
        _meter.CreateObservableGauge(
            "unstale.outbox.age", () => _ageTicks.Measure(static ticks => TimeSpan.FromTicks(ticks).TotalSeconds), "s", "Age of the oldest row that is not sent.");
    }

    public void Relayed(int rows) => _relayed.Add(rows, _cacheTag);

    public void Failed() => _failures.Add(1, _cacheTag);

    public void Unreadable() => _unreadable.Add(1, _cacheTag);

    /// <summary>Sets the rows that are not sent.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="age">Age of the oldest row; zero for none.</param>
    public void Waiting(long rows, TimeSpan age)
    {
        _waiting.Set(rows);
        _ageTicks.Set(age.Ticks);
    }

    public void Dispose()
    {
        _waiting.Set(null);
        _ageTicks.Set(null);
        _meter.Dispose();
    }
}
