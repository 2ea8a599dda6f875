using Unstale.Boundary;

namespace Unstale.Redis.Log;

/// <summary>
/// Notices from tails that pushes have stopped: the log has grown, and long after that nothing was pushed. A client may lose a subscription
/// without an event. Answers come one at a time, pushes at any time.
/// </summary>
internal sealed class PushWatch(GuardedTime time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private TimeSpan _patience = Shortest;
    private long _pushes;
    private long _pushesThen;
    private long _newest = -1;
    private long _since;
    private bool _waits;

    /// <summary>Something was pushed.</summary>
    public void Pushed() => Interlocked.Increment(ref _pushes);

    /// <summary>A new link stands: pushes begin with it.</summary>
    public void Begin()
    {
        _newest = -1;
        _waits = false;
        _pushesThen = Interlocked.Read(ref _pushes);
    }

    /// <summary>True if a push is overdue. Where none comes after that either, the next time is twice as long.</summary>
    /// <param name="newest">The newest sequence of the log, as a tail has told it.</param>
    public bool IsOverdue(long newest)
    {
        var pushes = Interlocked.Read(ref _pushes);
        if (pushes != _pushesThen)
        {
            _patience = Shortest;
            _waits = false;
        }

        // A record of before the link was not pushed over it.
        if (!_waits && _newest >= 0 && newest > _newest)
        {
            _waits = pushes == _pushesThen;
            _since = time.GetTimestamp();
        }

        (_newest, _pushesThen) = (newest, pushes);
        if (!_waits || time.GetElapsedTime(_since) < _patience)
        {
            return false;
        }

        _patience = TimeSpan.FromTicks(Math.Min(2 * _patience.Ticks, Longest.Ticks));
        _waits = false;
        return true;
    }
}
