using System.Diagnostics.Metrics;

namespace Unstale.Telemetry;

/// <summary>What one log counts: invalidations by kind.</summary>
internal sealed class LogMetrics : IDisposable
{
    // In the order of the numbers that the log's format gives the kinds.
    private static readonly string[] Kinds = ["key", "tag", "glob", "regex", "all_of", "everything"];

    private readonly long[] _counts = new long[Kinds.Length];
    private readonly KeyValuePair<string, object?> _logTag;
    private readonly Meter _meter;
    private int _disposed;

    public LogMetrics(IMeterFactory? meters, string logName)
    {
        _logTag = new(Names.LogName, logName);
        var options = new MeterOptions(Names.Source) { Tags = [_logTag] };
        _meter = meters?.Create(options) ?? new Meter(options);
        _meter.CreateObservableCounter("unstale.invalidations", Observe, "{invalidation}", "Invalidations written here, by kind.");
    }

    public void Invalidation(int kind) => Interlocked.Increment(ref _counts[kind]);

    public void Dispose()
    {
        Interlocked.Exchange(ref _disposed, 1);
        _meter.Dispose();
    }

    private IEnumerable<Measurement<long>> Observe() =>
        Volatile.Read(ref _disposed) != 0
            ? []
            : Kinds.Select((kind, index) => new Measurement<long>(Interlocked.Read(ref _counts[index]), _logTag, new(Names.Kind, kind)));
}
