using Unstale.Horizon;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>
/// Ends the waits of callers for the log at their timeout. All waits have the same length, so they form a queue, and one timer runs while a caller
/// waits.
/// </summary>
internal sealed class AppendTimeouts : IAsyncDisposable
{
    private readonly MonotonicClock _clock;
    private readonly CompletionQueue _completions;
    private readonly long _length;
    private readonly Lock _gate = new();
    private readonly Queue<(long Due, PendingAppend Append)> _waits = new();
    private readonly ITimer _timer;
    private bool _isArmed;
    private bool _isClosed;

    public AppendTimeouts(MonotonicClock clock, TimeSpan length, CompletionQueue completions)
    {
        _clock = clock;
        _completions = completions;
        _length = (long)Math.Ceiling(length.TotalMilliseconds);
        _timer = clock.CreateTimer(static d => ((AppendTimeouts)d!).Fire(), this);
    }

    public void Add(PendingAppend append, long now)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                _completions.End(append);
                return;
            }

            DropOver_NeedsLock();
            _waits.Enqueue((now + _length, append));
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
                _completions.End(left.Append);
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
                _completions.End(first.Append);
                DropOver_NeedsLock();
            }

            if (_waits.TryPeek(out var next))
                Arm_NeedsLock(next.Due - now);
        }
    }

    private void DropOver_NeedsLock()
    {
        while (_waits.TryPeek(out var first) && first.Append.IsWaitOver)
            _waits.Dequeue();
    }

    private void Arm_NeedsLock(long milliseconds)
    {
        _isArmed = true;
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }
}
