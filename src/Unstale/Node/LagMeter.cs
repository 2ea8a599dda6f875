using Unstale.Log;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>Measures how late invalidations are in force. Without a listener, each method returns at once. Must not be called under a lock.</summary>
/// <param name="metrics">Metrics of the log.</param>
/// <param name="node">Identifier of this node, to recognise own records.</param>
/// <param name="clock">Clock of the calls.</param>
internal sealed class LagMeter(LogMetrics metrics, string node, MonotonicClock clock)
{
    /// <summary>Returns the time of a call as a timestamp of the clock; 0 without a listener.</summary>
    public long Begin() => metrics.MeasuresLag || metrics.MeasuresConvergence ? clock.Provider.GetTimestamp() : 0;

    /// <summary>Measures an invalidation of this node whose record is in the log and in force.</summary>
    /// <param name="calledAt">Time of the call, from <see cref="Begin"/>.</param>
    public void Applied(long calledAt)
    {
        if (calledAt != 0)
            metrics.Applied(clock.Provider.GetElapsedTime(calledAt), isOwn: true);
    }

    /// <summary>Measures a record of another node, by the clocks of both nodes, if this node has just applied the record.</summary>
    /// <param name="record">Record.</param>
    /// <param name="before">Sequence up to which this node had applied the log.</param>
    /// <param name="after">Sequence up to which this node has applied the log.</param>
    public void Received(in LoggedRecord record, long before, long after)
    {
        if (metrics.MeasuresLag && before < record.Sequence && record.Sequence <= after && record.Record.Origin.Node != node)
            metrics.Applied(clock.Provider.GetUtcNow() - record.Record.Time, isOwn: false);
    }

    /// <summary>Measures an invalidation that all nodes have applied.</summary>
    /// <param name="calledAt">Time of the call, from <see cref="Begin"/>.</param>
    public void Converged(long calledAt)
    {
        if (calledAt != 0)
            metrics.Converged(clock.Provider.GetElapsedTime(calledAt));
    }

    /// <summary>Measures an invalidation that all nodes have applied.</summary>
    /// <param name="startedAt">Time of the call, in monotonic milliseconds.</param>
    public void ConvergedSince(long startedAt)
    {
        if (metrics.MeasuresConvergence)
            metrics.Converged(TimeSpan.FromMilliseconds(clock.Now - startedAt));
    }
}
