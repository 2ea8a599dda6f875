namespace Unstale.Tests.Boundary;

/// <summary>
/// A clock that runs due timers inside a reading, as <see cref="Microsoft.Extensions.Time.Testing.FakeTimeProvider"/> does while another thread advances
/// it.
/// </summary>
internal sealed class FiringClock : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _now;

    /// <summary>Number of readings until due timers run.</summary>
    public int FiresAfter { get; set; } = int.MaxValue;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        if (FiresAfter != int.MaxValue && FiresAfter-- == 0)
        {
            FiresAfter = int.MaxValue;
            Fire();
        }

        return Interlocked.Read(ref _now);
    }

    /// <summary>Moves the time without running a timer.</summary>
    public void Move(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);

    /// <summary>Runs the due timers.</summary>
    public void Fire()
    {
        Timer[] due;
        lock (_timers)
            due = [.. _timers.Where(timer => timer.Due <= _now)];

        foreach (var timer in due)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        lock (_timers)
            _timers.Add(timer);
        return timer;
    }

    private sealed class Timer(FiringClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; private set; } = long.MaxValue;

        public void Fire()
        {
            Due = long.MaxValue;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : Interlocked.Read(ref clock._now) + dueTime.Ticks;
            return true;
        }

        public void Dispose() => Due = long.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
