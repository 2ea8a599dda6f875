using Unstale.Horizon;

namespace Unstale.Node;

/// <summary>
/// When to try again what failed: soon after the first failure, after each more twice as late, at the latest after a heartbeat; each
/// time a little earlier or later, so that nodes that failed together do not come together.
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

    /// <summary>Something failed. What fails together is tried again together.</summary>
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

    /// <summary>A new connection, over which everything is tried at once: what failed before says nothing about it.</summary>
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
