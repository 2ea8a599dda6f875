using System.Diagnostics.Metrics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Metrics of one log: invalidations by kind, and the state of the log.</summary>
internal sealed class LogMetrics : IDisposable
{
    // Ordered by the numbers of the kinds in the format of the log.
    private static readonly string[] Kinds = ["key", "tag", "glob", "regex", "all_of", "everything", "row"];

    private readonly long[] _counts = new long[Kinds.Length];
    private readonly KeyValuePair<string, object?> _log;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly KeyValuePair<string, object?>[] _own;
    private readonly KeyValuePair<string, object?>[] _other;
    private readonly GuardedMeter _meter;
    private readonly GuardedHistogram<double> _lag;
    private readonly GuardedHistogram<double> _convergence;
    private Func<LogState>? _state;
    private int _disposed;

    /// <param name="meters">Factory of the meter. If null, this object owns the meter.</param>
    /// <param name="logName">Name of the log.</param>
    /// <param name="partition">Number of the partition; null if the log has only one, which is measured without a partition tag.</param>
    public LogMetrics(IMeterFactory? meters, string logName, int? partition = null)
    {
        _log = new(Names.LogName, logName);
        _tags = partition is { } number ? [_log, new(Names.LogPartition, number)] : [_log];
        _own = [.. _tags, new(Names.Origin, "own")];
        _other = [.. _tags, new(Names.Origin, "other")];
        _meter = new GuardedMeter(meters, Names.Source, _log);
        _lag = _meter.CreateHistogram("unstale.invalidation.lag", "Time from the call of an invalidation to its record in force on this node.", Boundaries.Lags);
        _convergence = _meter.CreateHistogram(
            "unstale.invalidation.convergence", "Time from the call of an invalidation to the end of a wait for all nodes.", Boundaries.Lags);
        _meter.CreateObservableCounter("unstale.invalidations", Observe, "{invalidation}", "Invalidations appended by this process, by kind.");
    }

    /// <summary>Adds the metrics of the state of the log.</summary>
    /// <param name="state">Returns the state of the log.</param>
    /// <param name="unmatched">Returns the number of own invalidations of tags that nothing on this node carried.</param>
    public void Follow(Func<LogState> state, Func<long> unmatched)
    {
        _state = state;
        _meter.CreateObservableCounter(
            "unstale.invalidation.unmatched",
            () => Volatile.Read(ref _state) is null ? Array.Empty<Measurement<long>>() : [new(unmatched(), _tags)],
            "{invalidation}",
            "Tags that this node invalidated and nothing on this node carried.");
        Gauge("unstale.log.trusted", "{node}", "1 while this node serves its cached values, otherwise 0.", s => s.IsTrusted ? 1 : 0);
        Gauge("unstale.log.queued", "{invalidation}", "Invalidations that the log has not accepted yet.", s => s.Queued);
        Gauge("unstale.log.unconfirmed", "s", "Time since the log last confirmed this node.", s => s.SinceConfirmed?.TotalSeconds);
        _meter.CreateObservableCounter(
            "unstale.log.generations", () => MeasureStates<long>(s => s.Generations), "{generation}", "Number of resets of this node.");
    }

    public void Invalidation(int kind) => Interlocked.Increment(ref _counts[kind]);

    /// <summary>Whether a listener measures the lags of invalidations.</summary>
    public bool MeasuresLag => _lag.Enabled;

    /// <summary>Whether a listener measures the times until all nodes have applied an invalidation.</summary>
    public bool MeasuresConvergence => _convergence.Enabled;

    /// <param name="lag">Time since the call. Negative if the clocks of two nodes differ by more than the lag, and then recorded as 0.</param>
    /// <param name="isOwn">Whether this node raised the invalidation.</param>
    public void Applied(TimeSpan lag, bool isOwn) => _lag.Record(Math.Max(0, lag.TotalSeconds), isOwn ? _own : _other);

    public void Converged(TimeSpan sinceCall) => _convergence.Record(sinceCall.TotalSeconds, _log);

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
