using Unstale.Horizon;

namespace Unstale.Node;

/// <content>Waiting until this node stands where somebody else has been.</content>
internal sealed partial class LogNode
{
    private readonly NodeNews _news = new();

    /// <summary>Tails are numbered as they begin, so that one can tell whether it was asked after a call came.</summary>
    private long _tailsBegun;
    private long _caughtUpWith;
    private long _failedWith;
    private Generation _standsIn;
    private long _standsSince;

    /// <summary>True without a task if this node has applied all of them and is trusted.</summary>
    /// <param name="positions">The positions; a partition that is not known here makes it false.</param>
    /// <param name="limit">The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<bool> CaughtUpToAsync(LogPositions positions, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);
        long after;
        var isThere = true;
        lock (Horizon.Gate)
        {
            after = _tailsBegun;
            foreach (var position in positions)
            {
                if (position.Partition != Horizon.Partition)
                    return new(false);
                isThere &= HasReached_NeedsLock(position);
            }
        }

        return isThere ? new(true) : CatchUpAsync(positions, after, limit, cancellationToken);
    }

    private async ValueTask<bool> CatchUpAsync(LogPositions positions, long after, TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = _clock.Now;
        RequestTail();
        foreach (var position in positions)
        {
            while (true)
            {
                var news = _news.Next;
                if (Judge(position, after) is { } answer)
                {
                    if (answer)
                        break;
                    return false;
                }

                var left = limit == Timeout.InfiniteTimeSpan ? limit : limit - TimeSpan.FromMilliseconds(_clock.Now - began);
                if (left <= TimeSpan.Zero && left != Timeout.InfiniteTimeSpan)
                    return false;
                await news.WaitAsync(left, _clock.Provider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return true;
    }

    /// <summary>True or false once it is known, null while it has to be waited for.</summary>
    private bool? Judge(LogPosition position, long after)
    {
        lock (Horizon.Gate)
        {
            if (HasReached_NeedsLock(position))
                return true;
            var here = Horizon.Position;
            var now = _clock.Now;
            var isTrusted = Horizon.View.IsTrusted(now);
            if (_caughtUpWith > after && here.Generation != Generation.None)
            {
                if (here.Generation != position.Generation)
                    return isTrusted && now - _standsSince > _settings.Horizon.ReplayWindow + _settings.Horizon.StalenessBound;
                if (here.Sequence < position.Sequence)
                    return false; // everything there is has been read since: the log has never given this position out
            }

            return _failedWith > after && !isTrusted ? false : null;
        }
    }

    private bool HasReached_NeedsLock(LogPosition position)
    {
        var here = Horizon.Position;
        return here.Generation != Generation.None && position.TryCompare(here, out var order) && order <= 0 && Horizon.View.IsTrusted(_clock.Now);
    }

    private long TailBegins_NeedsLock() => ++_tailsBegun;

    private void TailAnswered_NeedsLock(long number, bool confirmed)
    {
        var generation = Horizon.Position.Generation;
        if (generation == Generation.None)
            return;
        if (generation != _standsIn)
            (_standsIn, _standsSince) = (generation, _clock.Now);
        if (confirmed)
            _caughtUpWith = number;
    }

    private void TailUnanswered(long number)
    {
        lock (Horizon.Gate)
            _failedWith = number;
        _news.Tell();
    }
}
