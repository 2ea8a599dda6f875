using Unstale.Horizon;

namespace Unstale.Node;

/// <summary>
/// Ends the waits of callers for the log at their deadline. All waits have the same length, so they form a queue, and one timer runs while a caller
/// waits.
/// </summary>
internal sealed class AppendDeadlines : IAsyncDisposable
{
    private readonly MonotonicClock _clock;
    private readonly Releases _releases;
    private readonly long _length;
    private readonly Lock _gate = new();
    private readonly Queue<(long Due, OperationWait Wait)> _waits = new();
    private readonly ITimer _timer;
    private bool _isArmed;
    private bool _isClosed;

    public AppendDeadlines(MonotonicClock clock, TimeSpan length, Releases releases)
    {
        _clock = clock;
        _releases = releases;
        _length = (long)Math.Ceiling(length.TotalMilliseconds);
        _timer = clock.CreateTimer(static d => ((AppendDeadlines)d!).Fire(), this);
    }

    public void Add(OperationWait wait, long now)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                _releases.End(wait);
                return;
            }

            DropOver_NeedsLock();
            _waits.Enqueue((now + _length, wait));
            if (!_isArmed)
                Arm_NeedsLock(_length);
        }
    }

    /// <summary>Ends all waits.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_waits.TryDequeue(out var left))
                _releases.End(left.Wait);
        }

        return _timer.DisposeAsync();
    }

    private void Fire()
    {
        lock (_gate)
        {
            _isArmed = false;
            var now = _clock.Now;
            DropOver_NeedsLock();
            while (_waits.TryPeek(out var first) && first.Due <= now)
            {
                _waits.Dequeue();
                _releases.End(first.Wait);
                DropOver_NeedsLock();
            }

            if (_waits.TryPeek(out var next))
                Arm_NeedsLock(next.Due - now);
        }
    }

    private void DropOver_NeedsLock()
    {
        while (_waits.TryPeek(out var first) && first.Wait.IsOver)
            _waits.Dequeue();
    }

    private void Arm_NeedsLock(long milliseconds)
    {
        _isArmed = true;
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }
}
