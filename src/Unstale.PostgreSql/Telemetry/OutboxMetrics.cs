using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.PostgreSql.Telemetry;

/// <summary>Metrics of the outbox of one cache.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private const long Unknown = -1;

    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly GuardedMeter _meter;
    private readonly GuardedCounter _relayed;
    private readonly GuardedCounter _failures;
    private readonly GuardedCounter _unreadable;
    private long _waiting = Unknown;
    private long _ageTicks = Unknown;

    public OutboxMetrics(IMeterFactory? meters, string cacheName)
    {
        _cacheTag = new(Names.CacheName, cacheName);
        _meter = new GuardedMeter(meters, Names.Source, _cacheTag);
        _relayed = _meter.CreateCounter("unstale.outbox.relayed", "{row}", "Rows of the outbox whose changes a relay of this process has sent.");
        _failures = _meter.CreateCounter("unstale.outbox.failures", "{attempt}", "Attempts of the relay that failed, and that are repeated.");
        _unreadable = _meter.CreateCounter("unstale.outbox.unreadable", "{row}", "Rows of the outbox that are no change, in whose place everything was invalidated.");
        _meter.CreateObservableGauge(
            "unstale.outbox.waiting", () => Measure<long>(ref _waiting, static rows => rows), "{row}", "Committed rows of all processes that are not sent, up to 10,000.");
        _meter.CreateObservableGauge(
            "unstale.outbox.age", () => Measure<double>(ref _ageTicks, static ticks => TimeSpan.FromTicks(ticks).TotalSeconds), "s", "Age of the oldest row that is not sent.");
    }

    public void Relayed(int rows) => _relayed.Add(rows, _cacheTag);

    public void Failed() => _failures.Add(1, _cacheTag);

    public void Unreadable() => _unreadable.Add(1, _cacheTag);

    /// <summary>Sets the rows that are not sent.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="age">Age of the oldest row; zero for none.</param>
    public void Waiting(long rows, TimeSpan age)
    {
        Volatile.Write(ref _waiting, rows);
        Volatile.Write(ref _ageTicks, age.Ticks);
    }

    public void Dispose()
    {
        Volatile.Write(ref _waiting, Unknown);
        Volatile.Write(ref _ageTicks, Unknown);
        _meter.Dispose();
    }

    private Measurement<T>[] Measure<T>(ref long source, Func<long, T> convert)
        where T : struct => Volatile.Read(ref source) is >= 0 and var value ? [new(convert(value), _cacheTag)] : [];
}
