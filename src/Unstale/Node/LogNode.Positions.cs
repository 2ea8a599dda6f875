using Unstale.Boundary;
using Unstale.Horizon;

namespace Unstale.Node;

/// <content>Waiting until this node has reached given positions of the log.</content>
internal sealed partial class LogNode
{
    /// <summary>
    /// Maximum wait for a confirmation. Longer than a reply needs, and short compared with a load from the source, which it can avoid.
    /// </summary>
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromMilliseconds(250);

    private readonly NodeNews _news = new();

    /// <summary>Number of the newest tail without a reply.</summary>
    private long _failedWith;
    private Generation _standsIn;
    private long _standsSince;

    /// <summary>Number of former generations that this node remembers.</summary>
    private const int Remembered = 64;

    /// <summary>Newest generations followed and left by this node, oldest first.</summary>
    private readonly Queue<Generation> _stoodIn = new();

    /// <summary>Monotonic time since which the node has been trusted in its generation without interruption.</summary>
    private long _trustedSince;

    /// <summary>Waits until this node has applied all positions and is trusted. Completes without a task if both already hold.</summary>
    /// <param name="positions">Positions to reach. A position of another partition makes all of them unknown.</param>
    /// <param name="limit">Maximum wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPositions positions, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<PositionStatus>(cancellationToken);
        long after;
        var isThere = true;
        lock (Horizon.Gate)
        {
            after = Horizon.TailsBegun;
            foreach (var position in positions)
            {
                if (position.Partition != Horizon.Partition)
                    return new(PositionStatus.Unknown);
                isThere &= HasReached_NeedsLock(position);
            }
        }

        return isThere ? new(PositionStatus.Reached) : CatchUpAsync(positions, after, limit, cancellationToken);
    }

    /// <summary>Waits until this node is trusted or the limit has passed.</summary>
    /// <param name="limit">Maximum wait.</param>
    /// <param name="time">Clock for the limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task TrustedAsync(TimeSpan limit, GuardedTime time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var news = _news.Next;
            var left = limit - time.GetElapsedTime(began);
            if (Horizon.View.IsTrusted(_clock.Now) || left <= TimeSpan.Zero)
                return;
            await news.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<PositionStatus> CatchUpAsync(LogPositions positions, long after, TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = _clock.Now;
        RequestTail(confirms: false);
        foreach (var position in positions)
        {
            while (true)
            {
                var news = _news.Next;
                if (StatusOf(position, after) is { } status)
                {
                    if (status == PositionStatus.Reached)
                        break;
                    return status;
                }

                var left = limit == Timeout.InfiniteTimeSpan ? limit : limit - TimeSpan.FromMilliseconds(_clock.Now - began);
                if (left <= TimeSpan.Zero && left != Timeout.InfiniteTimeSpan)
                    return PositionStatus.NotYet;
                await news.WaitAsync(left, _clock.Provider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return PositionStatus.Reached;
    }

    /// <summary>
    /// Waits for the reply to a tail started after the given one, and requests such a tail: one for all concurrent callers. Also returns when the
    /// tail fails, the epoch ends or the limit passes. The caller must check the horizon again.
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

    /// <summary>Returns the status; null while the reply of the log must be awaited.</summary>
    private PositionStatus? StatusOf(LogPosition position, long after)
    {
        lock (Horizon.Gate)
        {
            if (HasReached_NeedsLock(position))
                return PositionStatus.Reached;
            var here = Horizon.Position;
            var now = _clock.Now;
            var isTrusted = Horizon.View.IsTrusted(now);
            if (Horizon.CaughtUpWith > after && here.Generation != Generation.None)
            {
                if (here.Generation != position.Generation)
                    return OfAnotherHistory_NeedsLock(position.Generation, isTrusted, now);
                if (here.Sequence < position.Sequence)
                    return PositionStatus.Unknown; // all records have been read since: the log has never issued this position
            }

            return _failedWith > after && !isTrusted ? PositionStatus.NotYet : null;
        }
    }

    /// <summary>
    /// Returns the status of a position of another generation. Such a position is older than all others once the current generation has lasted longer
    /// than the replay window. Before, only a generation this node has followed may be waited for: a client can invent any number of others.
    /// </summary>
    private PositionStatus OfAnotherHistory_NeedsLock(Generation generation, bool isTrusted, long now)
    {
        if (isTrusted && IsOlder(generation, Horizon.Position.Generation) && now - _trustedSince > _settings.Horizon.ReplayWindow + _settings.Horizon.StalenessBound)
            return PositionStatus.Reached;
        return _stoodIn.Contains(generation) ? PositionStatus.NotYet : PositionStatus.Unknown;
    }

    /// <summary>False for a generation that certainly began after the current one: none of its records can have been replayed here.</summary>
    private static bool IsOlder(Generation foreign, Generation here) => foreign.Number <= here.Number;

    private bool HasReached_NeedsLock(LogPosition position)
    {
        var here = Horizon.Position;
        return here.Generation != Generation.None && position.TryCompare(here, out var order) && order <= 0 && Horizon.View.IsTrusted(_clock.Now);
    }

    private void TailAnswered_NeedsLock(bool wasTrusted)
    {
        var generation = Horizon.Position.Generation;
        var isNew = generation != Generation.None && generation != _standsIn;
        if (isNew || !wasTrusted)
            _trustedSince = _clock.Now;
        if (!isNew)
            return;
        if (_standsIn != Generation.None)
            _stoodIn.Enqueue(_standsIn);
        if (_stoodIn.Count > Remembered)
            _stoodIn.Dequeue();
        (_standsIn, _standsSince) = (generation, _clock.Now);
    }

    private void TailUnanswered(long number)
    {
        lock (Horizon.Gate)
            _failedWith = number;
        _news.Tell();
    }
}
