using Unstale.Horizon;

namespace Unstale.Node;

/// <content>Waiting until this node stands where somebody else has been.</content>
internal sealed partial class LogNode
{
    /// <summary>Longer than an answer takes, and short beside what waits: a load from the source.</summary>
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromMilliseconds(250);

    private readonly NodeNews _news = new();

    /// <summary>The newest tail that was not answered.</summary>
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
            after = Horizon.TailsBegun;
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

    /// <summary>
    /// Waits for a tail that begins after the given ones to be answered, and asks for it: one for all who wait meanwhile. It ends as
    /// well when that tail fails, the epoch ends or the limit passes: whoever waits looks again at what the horizon says then.
    /// </summary>
    public async Task ConfirmAsync(long after, int epoch, CancellationToken cancellationToken)
    {
        var began = _clock.Now;
        for (var isAsked = false; ; isAsked = true)
        {
            var news = _news.Next;
            var left = ConfirmLimit - TimeSpan.FromMilliseconds(_clock.Now - began);
            if (left <= TimeSpan.Zero || IsAnswered(after, epoch, out var hasBegun))
                return;
            if (!isAsked && !hasBegun)
                RequestTail();
            await news.WaitAsync(left, _clock.Provider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private bool IsAnswered(long after, int epoch, out bool hasBegun)
    {
        lock (Horizon.Gate)
        {
            hasBegun = Horizon.TailsBegun > after;
            return Horizon.CaughtUpWith > after || _failedWith > after || Horizon.View.Epoch != epoch;
        }
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
            if (Horizon.CaughtUpWith > after && here.Generation != Generation.None)
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

    private void TailAnswered_NeedsLock()
    {
        var generation = Horizon.Position.Generation;
        if (generation != Generation.None && generation != _standsIn)
            (_standsIn, _standsSince) = (generation, _clock.Now);
    }

    private void TailUnanswered(long number)
    {
        lock (Horizon.Gate)
            _failedWith = number;
        _news.Tell();
    }
}
