using System.Runtime.CompilerServices;

namespace Unstale.Boundary;

/// <summary>
/// Must be used for every access to a clock of the application. While the clock throws, time continues from the last reading at the pace of the system
/// clock, so that no value lives longer because of the failure. Afterwards time never moves backwards. Timers are created without the execution context of
/// the caller, and exceptions of callbacks are caught and counted.
/// </summary>
internal sealed class GuardedTime : TimeProvider
{
    /// <summary>Number of readings of a clock on the stack of this thread.</summary>
    [ThreadStatic]
    private static int s_readings;

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

    /// <summary>
    /// Whether this thread reads a clock of the application. A clock for tests may run due timers inside a reading, and the code that reads may hold a
    /// lock: a timer must not run its callback there.
    /// </summary>
    public static bool IsReading => s_readings > 0;

    /// <summary>Whether this is the system clock, whose readings need no guard.</summary>
    public bool IsSystem => ReferenceEquals(_inner, System);

    public override long TimestampFrequency => _frequency;

    /// <summary>Returns the only guard of a clock. Two guards would disagree on the time after a failure of the clock.</summary>
    public static GuardedTime Over(TimeProvider time) =>
        time as GuardedTime ?? (ReferenceEquals(time, System) ? OfSystem : Known.GetValue(time, static inner => new(inner)));

    public override long GetTimestamp()
    {
        if (IsSystem)
            return System.GetTimestamp();
        s_readings++;
        try
        {
            var read = _timestamps.GetTimestamp() + Volatile.Read(ref _ahead);
            if (_isFailing)
                return Recovered(read);

            // Writes the time first: a reader between the two writes overestimates the elapsed time and expires values early.
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
        finally
        {
            s_readings--;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        s_readings++;
        try
        {
            return _inner.GetUtcNow();
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Clock);
            return System.GetUtcNow();
        }
        finally
        {
            s_readings--;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new GuardedTimer(_inner, callback, state, dueTime, period, failed: null);

    /// <summary>Creates a timer that is inactive until set.</summary>
    /// <param name="callback">Callback of the timer.</param>
    /// <param name="state">State passed to the callback.</param>
    /// <param name="failed">Called with an exception of the callback. Must not throw.</param>
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
            // Treated like an invalid frequency.
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
