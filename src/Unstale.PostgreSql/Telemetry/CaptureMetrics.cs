using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.PostgreSql.Telemetry;

/// <summary>Metrics of the change capture of one cache.</summary>
internal sealed class CaptureMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly GuardedMeter _meter;
    private readonly GuardedCounter _transactions;
    private readonly GuardedCounter _rows;
    private readonly GuardedCounter _failures;
    private readonly LastValue _unread;
    private readonly LastValue _isReading;

    public CaptureMetrics(IMeterFactory? meters, string cacheName)
    {
        _cacheTag = new(Names.CacheName, cacheName);
        (_unread, _isReading) = (new(_cacheTag), new(_cacheTag));
        _isReading.Set(0);
        _meter = new GuardedMeter(meters, Names.Source, _cacheTag);
        _transactions = _meter.CreateCounter("unstale.capture.transactions", "{transaction}", "Captured transactions whose changes this process has appended.");
        _rows = _meter.CreateCounter("unstale.capture.rows", "{row}", "Changed rows in these transactions.");
        _failures = _meter.CreateCounter("unstale.capture.failures", "{attempt}", "Attempts to read the changes that failed, and that are repeated.");
        _meter.CreateObservableGauge("unstale.capture.reading", _isReading.Measure, "{node}", "1 while this process reads the replication slot, otherwise 0.");
        _meter.CreateObservableGauge("unstale.capture.unread", _unread.Measure, "By", "Size of the write-ahead log that the reader has not confirmed.");
    }

    public void Appended(int rows)
    {
        _transactions.Add(1, _cacheTag);
        _rows.Add(rows, _cacheTag);
    }

    public void Failed() => _failures.Add(1, _cacheTag);

    public void Reading(bool isReading) => _isReading.Set(isReading ? 1 : 0);

    /// <summary>Sets the size of the unread log, in bytes; null without a slot.</summary>
    public void Unread(long? size) => _unread.Set(size);

    public void Dispose()
    {
        _isReading.Set(null);
        _unread.Set(null);
        _meter.Dispose();
    }
}
