using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.PostgreSql.Telemetry;

/// <summary>Metrics of the change capture of one cache.</summary>
internal sealed class CaptureMetrics : IDisposable
{
    private const long Unknown = -1;

    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly GuardedMeter _meter;
    private readonly GuardedCounter _transactions;
    private readonly GuardedCounter _rows;
    private readonly GuardedCounter _failures;
    private long _unread = Unknown;
    private long _isReading;

    public CaptureMetrics(IMeterFactory? meters, string cacheName)
    {
        _cacheTag = new(Names.CacheName, cacheName);
        _meter = new GuardedMeter(meters, Names.Source, _cacheTag);
        _transactions = _meter.CreateCounter("unstale.capture.transactions", "{transaction}", "Captured transactions whose changes this process has appended.");
        _rows = _meter.CreateCounter("unstale.capture.rows", "{row}", "Changed rows in these transactions.");
        _failures = _meter.CreateCounter("unstale.capture.failures", "{attempt}", "Attempts to read the changes that failed, and that are repeated.");
        _meter.CreateObservableGauge("unstale.capture.reading", () => Measure(ref _isReading), "{node}", "1 while this process reads the replication slot, otherwise 0.");
        _meter.CreateObservableGauge("unstale.capture.unread", () => Measure(ref _unread), "By", "Size of the write-ahead log that the reader has not confirmed.");
    }

    public void Appended(int rows)
    {
        _transactions.Add(1, _cacheTag);
        _rows.Add(rows, _cacheTag);
    }

    public void Failed() => _failures.Add(1, _cacheTag);

    public void Reading(bool isReading) => Volatile.Write(ref _isReading, isReading ? 1 : 0);

    /// <summary>Sets the size of the unread log, in bytes; null without a slot.</summary>
    public void Unread(long? size) => Volatile.Write(ref _unread, size ?? Unknown);

    public void Dispose()
    {
        Volatile.Write(ref _isReading, Unknown);
        Volatile.Write(ref _unread, Unknown);
        _meter.Dispose();
    }

    private Measurement<long>[] Measure(ref long source) => Volatile.Read(ref source) is >= 0 and var value ? [new(value, _cacheTag)] : [];
}
