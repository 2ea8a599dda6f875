namespace Unstale.Boundary;

/// <summary>
/// Timer of the application's clock. If the timer throws when it is created or set, a timer of the system clock replaces it: a callback by another clock
/// is better than a callback that never runs again. An exception on disposal is only counted.
/// </summary>
internal sealed class GuardedTimer : ITimer
{
    private readonly TimerCallback _work;
    private readonly object? _state;
    private readonly Action<Exception>? _failed;
    private readonly Lock _gate = new();
    private ITimer _timer;
    private object? _current;
    private bool _isSystem;
    private bool _isDisposed;

    public GuardedTimer(TimeProvider time, TimerCallback work, object? state, TimeSpan dueTime, TimeSpan period, Action<Exception>? failed)
    {
        (_work, _state, _failed) = (work, state, failed);
        try
        {
            _timer = Create(time, dueTime, period);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Clock);
            _isSystem = true;
            _timer = Create(TimeProvider.System, dueTime, period);
        }
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        var timer = Volatile.Read(ref _timer);
        try
        {
            return timer.Change(dueTime, period);
        }
        catch (Exception exception) when (!_isSystem || exception is not ArgumentException)
        {
            CallOutFailures.Count(CallOut.Clock);
            return Replace(timer, dueTime, period);
        }
    }

    public void Dispose()
    {
        try
        {
            Ended().Dispose();
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Clock);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Ended().DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Clock);
        }
    }

    private ITimer Create(TimeProvider time, TimeSpan dueTime, TimeSpan period)
    {
        // A replaced timer may still fire. Only the current shot runs the callback.
        var shot = new Shot(this);
        Volatile.Write(ref _current, shot);
        return WithoutExecutionContext.Start(
            (time, shot, dueTime, period), static s => s.time.CreateTimer(static shot => ((Shot)shot!).Fire(), s.shot, s.dueTime, s.period));
    }

    private bool Replace(ITimer broken, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return false;
            if (_timer != broken)
                return _timer.Change(dueTime, period);
            _isSystem = true;
            Volatile.Write(ref _timer, Create(TimeProvider.System, dueTime, period));
            return true;
        }
    }

    private ITimer Ended()
    {
        lock (_gate)
        {
            _isDisposed = true;
            return _timer;
        }
    }

    private void Fire(Shot shot)
    {
        if (GuardedTime.IsReading)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static fired => fired.Fire(), shot, preferLocal: false);
            return;
        }

        if (Volatile.Read(ref _isDisposed) || Volatile.Read(ref _current) != shot)
            return;
        try
        {
            _work(_state);
        }
        catch (Exception exception)
        {
            CallOutFailures.Count(CallOut.Timer);
            _failed?.Invoke(exception);
        }
    }

    private sealed class Shot(GuardedTimer timer)
    {
        public void Fire() => timer.Fire(this);
    }
}
