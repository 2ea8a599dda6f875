using System.Runtime.CompilerServices;

namespace Unstale.Boundary;

/// <summary>
/// The only way to a clock of the application. While the clock throws, time goes on from its last reading at the pace of the
/// system's clock, so that nothing lives longer because of it; afterwards time never goes back. Timers are made without the
/// execution context of the caller, and work of theirs that throws ends nothing.
/// </summary>
internal sealed class GuardedTime : TimeProvider
{
    private static readonly GuardedTime OfSystem = new(System);
    private static readonly ConditionalWeakTable<TimeProvider, GuardedTime> Known = [];

    private readonly TimeProvider _inner;
    private readonly TimeProvider _timestamps;
    private readonly long _frequency;
    private readonly Lock _gate = new();
    private long _latest;
    private long _latestAt;
    private long _ahead;
    private volatile bool _isFailing;

    private GuardedTime(TimeProvider inner)
    {
        _inner = inner;
        (_timestamps, _frequency) = Measured(inner);
        _latestAt = System.GetTimestamp();
        _ = GetTimestamp();
    }

    /// <summary>The system's own clock, which needs no guard for its readings.</summary>
    public bool IsSystem => ReferenceEquals(_inner, System);

    public override long TimestampFrequency => _frequency;

    /// <summary>One for each clock: two would not agree on the time once the clock has failed.</summary>
    public static GuardedTime Over(TimeProvider time) =>
        time as GuardedTime ?? (ReferenceEquals(time, System) ? OfSystem : Known.GetValue(time, static inner => new(inner)));

    public override long GetTimestamp()
    {
        if (IsSystem)
            return System.GetTimestamp();
        try
        {
            var read = _timestamps.GetTimestamp() + Volatile.Read(ref _ahead);
            if (_isFailing)
                return Recovered(read);

            // The time first: a reader between the two takes more time for passed than has, and gives values up early.
            Volatile.Write(ref _latest, read);
            Volatile.Write(ref _latestAt, System.GetTimestamp());
            return read;
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Clock);
            _isFailing = true;
            return Continued();
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        try
        {
            return _inner.GetUtcNow();
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Clock);
            return System.GetUtcNow();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new GuardedTimer(_inner, callback, state, dueTime, period, failed: null);

    /// <summary>A timer that does nothing until it is set.</summary>
    /// <param name="callback">The work.</param>
    /// <param name="state">Given to the work.</param>
    /// <param name="failed">Called with what the work throws. Must not throw.</param>
    public ITimer CreateTimer(TimerCallback callback, object state, Action<Exception>? failed) =>
        new GuardedTimer(_inner, callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, failed);

    private static (TimeProvider Timestamps, long Frequency) Measured(TimeProvider inner)
    {
        try
        {
            if (inner.TimestampFrequency is > 0 and var frequency)
                return (inner, frequency);
        }
        catch (Exception)
        {
            // As one that is none.
        }

        CallOutFailures.Count(CallOut.Clock);
        return (System, System.TimestampFrequency);
    }

    private long Continued()
    {
        var passed = System.GetElapsedTime(Volatile.Read(ref _latestAt));
        return Volatile.Read(ref _latest) + (long)(passed.TotalSeconds * _frequency);
    }

    private long Recovered(long read)
    {
        lock (_gate)
        {
            if (!_isFailing)
                return read;
            var continued = Continued();
            if (read < continued)
                Volatile.Write(ref _ahead, _ahead + continued - read);
            read = Math.Max(read, continued);
            Volatile.Write(ref _latest, read);
            Volatile.Write(ref _latestAt, System.GetTimestamp());
            _isFailing = false;
            return read;
        }
    }
}
