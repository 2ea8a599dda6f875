using Microsoft.Extensions.Time.Testing;

namespace Unstale.Tests.Support;

/// <summary>
/// A fake clock that advances from one due timer to the next. A callback reads its own due time and re-arms its timer from there, as on
/// a real clock; <see cref="FakeTimeProvider"/> alone shows every callback the end of the whole advance.
/// </summary>
internal sealed class SteppedTimeProvider() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _gate = new();
    private readonly HashSet<SteppedTimer> _armed = [];

    /// <summary>Number of armed timers. A test advances the clock only after the code under test has armed its timer.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
                return _armed.Count;
        }
    }

    public new void Advance(TimeSpan delta)
    {
        var end = GetUtcNow() + delta;
        while (NextDue() is { } due && due <= end)
        {
            var step = Max(due - GetUtcNow(), TimeSpan.Zero);
            base.Advance(step);
            if (step == TimeSpan.Zero && NextDue() == due)
                ArmAgain(due);
        }

        base.Advance(Max(end - GetUtcNow(), TimeSpan.Zero));
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SteppedTimer(this, callback, state);
        timer.Timer = base.CreateTimer(static t => ((SteppedTimer)t!).Fire(), timer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private DateTimeOffset? NextDue()
    {
        lock (_gate)
            return _armed.Count == 0 ? null : _armed.Min(static t => t.Due);
    }

    /// <summary>
    /// Arms the timers of a due time as recorded. Two threads that change a timer at once may record their times in one order and set the clock in
    /// the other, and an advance would wait for ever.
    /// </summary>
    private void ArmAgain(DateTimeOffset due)
    {
        List<SteppedTimer> late;
        lock (_gate)
            late = [.. _armed.Where(timer => timer.Due == due)];
        foreach (var timer in late)
            timer.Timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private sealed class SteppedTimer(SteppedTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private bool _isDisposed;

        public ITimer Timer { get; set; } = null!;

        public DateTimeOffset Due { get; private set; }

        public void Fire()
        {
            lock (clock._gate)
            {
                if (_period > TimeSpan.Zero)
                    Due += _period;
                else
                    clock._armed.Remove(this);
            }

            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (_isDisposed)
                    return false;
                _period = period;
                Due = clock.GetUtcNow() + dueTime;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    clock._armed.Remove(this);
                else
                    clock._armed.Add(this);
            }

            return Timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _isDisposed = true;
                clock._armed.Remove(this);
            }

            Timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
