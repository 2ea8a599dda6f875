using System.Diagnostics.Metrics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Metrics of one log: invalidations by kind, and the state of the log.</summary>
internal sealed class LogMetrics : IDisposable
{
    // Ordered by the numbers of the kinds in the format of the log.
    private static readonly string[] Kinds = ["key", "tag", "glob", "regex", "all_of", "everything"];

    private readonly long[] _counts = new long[Kinds.Length];
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly GuardedMeter _meter;
    private Func<LogState>? _state;
    private int _disposed;

    /// <param name="meters">Factory of the meter. If null, this object owns the meter.</param>
    /// <param name="logName">Name of the log.</param>
    /// <param name="partition">Number of the partition; null if the log has only one, which is measured without a partition tag.</param>
    public LogMetrics(IMeterFactory? meters, string logName, int? partition = null)
    {
        var log = new KeyValuePair<string, object?>(Names.LogName, logName);
        _tags = partition is { } number ? [log, new(Names.LogPartition, number)] : [log];
        _meter = new GuardedMeter(meters, Names.Source, log);
        _meter.CreateObservableCounter("unstale.invalidations", Observe, "{invalidation}", "Invalidations appended by this process, by kind.");
    }

    /// <summary>Adds the metrics of the state of the log.</summary>
    public void Follow(Func<LogState> state)
    {
        _state = state;
        Gauge("unstale.log.trusted", "{node}", "1 while this node serves its cached values, otherwise 0.", s => s.IsTrusted ? 1 : 0);
        Gauge("unstale.log.queued", "{invalidation}", "Invalidations that the log has not accepted yet.", s => s.Queued);
        Gauge("unstale.log.unconfirmed", "s", "Time since the log last confirmed this node.", s => s.SinceConfirmed?.TotalSeconds);
        _meter.CreateObservableCounter(
            "unstale.log.generations", () => MeasureStates<long>(s => s.Generations), "{generation}", "Number of resets of this node.");
    }

    public void Invalidation(int kind) => Interlocked.Increment(ref _counts[kind]);

    public void Dispose()
    {
        Interlocked.Exchange(ref _disposed, 1);
        Volatile.Write(ref _state, null);
        _meter.Dispose();
    }

    private void Gauge(string name, string unit, string description, Func<LogState, double?> select) =>
        _meter.CreateObservableGauge(name, () => MeasureStates(select), unit, description);

    private Measurement<T>[] MeasureStates<T>(Func<LogState, T?> select)
        where T : struct =>
        Volatile.Read(ref _state) is { } state && select(state()) is { } value ? [new Measurement<T>(value, _tags)] : [];

    private IEnumerable<Measurement<long>> Observe() =>
        Volatile.Read(ref _disposed) != 0
            ? []
            : Kinds.Select((kind, index) => new Measurement<long>(Interlocked.Read(ref _counts[index]), [.. _tags, new(Names.Kind, kind)]));
}
