using System.Diagnostics;
using Unstale.Log;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>Creates the records of a node, with id, origin, time and trace, and counts their targets.</summary>
/// <param name="origin">Origin of the records.</param>
/// <param name="partition">Partition of the records.</param>
/// <param name="clock">Clock of the records' times.</param>
/// <param name="metrics">Counts invalidations.</param>
internal sealed class RecordFactory(RecordOrigin origin, int partition, MonotonicClock clock, LogMetrics metrics)
{
    private readonly DateTimeOffset _startedAt = clock.Provider.GetUtcNow();
    private readonly long _startedTick = clock.Now;

    /// <summary>Monotonic time of a new record, in milliseconds.</summary>
    public long Now => clock.Now;

    /// <summary>Time to the millisecond, from the monotonic clock. Used for information only.</summary>
    public DateTimeOffset Time => TimeAt(clock.Now);

    public static string? Trace() => Activity.Current?.Id;

    public static long NewId() => Random.Shared.NextInt64(1, long.MaxValue);

    /// <summary>Creates the record of an invalidation made earlier, and does not count it.</summary>
    public InvalidationRecord Create(long id, in InvalidationTarget target, long time, string? reason, string? trace) =>
        new(id, target, origin, TimeAt(time), reason, trace);

    public InvalidationRecord Create(in InvalidationTarget target, string? reason)
    {
        Count(target.Kind);
        return new InvalidationRecord(NewId(), target, origin, Time, reason, Trace());
    }

    /// <summary>Creates a record of one key that reports a version.</summary>
    public InvalidationRecord Create(string key, in KeyVersion version, string reason)
    {
        Count(TargetKind.Key);
        return new InvalidationRecord(NewId(), InvalidationTarget.ForKey(key), origin, Time, reason, Trace()) { Version = version };
    }

    public InvalidationRecord Create(Invalidation invalidation)
    {
        foreach (ref readonly var item in invalidation.Items.Span)
            Count(item.Target.Kind);
        return new InvalidationRecord(NewId(), invalidation, origin, Time, Trace());
    }

    /// <summary>Counts an invalidation. A target of every partition is one invalidation, counted by the first partition.</summary>
    public void Count(TargetKind kind)
    {
        if (KeyPartition.Reports(partition, kind))
            metrics.Invalidation((int)kind);
    }

    private DateTimeOffset TimeAt(long time) => _startedAt.AddMilliseconds(time - _startedTick);
}
