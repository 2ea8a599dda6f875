using Unstale.Values;

namespace Unstale.Node;

/// <summary>
/// Schedules retries: soon after the first failure, after each further failure with twice the pause, at most one heartbeat. Each pause is varied at
/// random, so that nodes that failed together do not retry together.
/// </summary>
internal sealed class RetryTimer : IAsyncDisposable
{
    private const double First = 50;

    private readonly MonotonicClock _clock;
    private readonly double _most;
    private readonly ITimer _timer;
    private readonly Action _retry;
    private readonly Lock _gate = new();
    private long _lastFailure = long.MinValue;
    private double _wait = First;
    private bool _isScheduled;

    public RetryTimer(MonotonicClock clock, TimeSpan most, Action retry)
    {
        _clock = clock;
        _most = most.TotalMilliseconds;
        _retry = retry;
        _timer = clock.CreateTimer(static t => ((RetryTimer)t!).Fire(), this);
    }

    /// <summary>Schedules a retry. Further failures before the retry share it.</summary>
    public void Failed()
    {
        lock (_gate)
        {
            if (_isScheduled)
                return;
            _isScheduled = true;
            var now = _clock.Now;
            if (_lastFailure == long.MinValue || now - _lastFailure > 5 * _most)
                _wait = Math.Min(First, _most);
            _lastFailure = now;
            _timer.Change(TimeSpan.FromMilliseconds(_wait * (0.75 + (Random.Shared.NextDouble() / 4))), Timeout.InfiniteTimeSpan);
            _wait = Math.Min(_wait * 2, _most);
        }
    }

    /// <summary>
    /// Cancels the scheduled retry when a new connection opens. Everything is sent at once over the new connection, to which earlier failures do not
    /// apply.
    /// </summary>
    public void Reset()
    {
        lock (_gate)
        {
            _lastFailure = long.MinValue;
            _isScheduled = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Fire()
    {
        lock (_gate)
            _isScheduled = false;
        _retry();
    }
}
