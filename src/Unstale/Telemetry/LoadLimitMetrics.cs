using System.Diagnostics.Metrics;

namespace Unstale.Telemetry;

/// <summary>Counters of one limit of loads.</summary>
/// <param name="setting">Setting that contains the limit, an attribute of the measurements.</param>
internal sealed class LoadLimitMetrics(string setting)
{
    private readonly KeyValuePair<string, object?> _limitTag = new(Names.Limit, setting);
    private long _waited;
    private long _rejected;

    /// <summary>Number of loads that threw because the limit was exceeded.</summary>
    public long RejectedLoads => Interlocked.Read(ref _rejected);

    public void Waited() => Interlocked.Increment(ref _waited);

    public void Rejected() => Interlocked.Increment(ref _rejected);

    public Measurement<long> MeasureWaited(KeyValuePair<string, object?> cache) => new(Interlocked.Read(ref _waited), cache, _limitTag);

    public Measurement<long> MeasureRejected(KeyValuePair<string, object?> cache) => new(RejectedLoads, cache, _limitTag);
}
