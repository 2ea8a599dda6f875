using Unstale.Boundary;

namespace Unstale.Redis.Log;

/// <summary>
/// Detects stopped pushes from tail replies: the log has grown, and nothing was pushed for a long time afterwards. A client may lose a
/// subscription without an event. Tail replies are passed one at a time, pushes at any time.
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

    /// <summary>Records that something was pushed.</summary>
    public void Pushed() => Interlocked.Increment(ref _pushes);

    /// <summary>Begins anew for a new link, because pushes start with the link.</summary>
    public void Begin()
    {
        _newest = -1;
        _waits = false;
        _pushesThen = Interlocked.Read(ref _pushes);
    }

    /// <summary>Returns true if a push is overdue. Without a push in between, each further timeout is twice as long.</summary>
    /// <param name="newest">Newest sequence of the log, from a tail reply.</param>
    public bool IsOverdue(long newest)
    {
        var pushes = Interlocked.Read(ref _pushes);
        if (pushes != _pushesThen)
        {
            _patience = Shortest;
            _waits = false;
        }

        // A record appended before the link was opened is not pushed over the link.
        if (!_waits && _newest >= 0 && newest > _newest)
        {
            _waits = pushes == _pushesThen;
            _since = time.GetTimestamp();
        }

        (_newest, _pushesThen) = (newest, pushes);
        if (!_waits || time.GetElapsedTime(_since) < _patience)
            return false;

        _patience = TimeSpan.FromTicks(Math.Min(2 * _patience.Ticks, Longest.Ticks));
        _waits = false;
        return true;
    }
}
