using Unstale.Boundary;
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

    /// <summary>Number of generations that this node remembers to have stood in.</summary>
    private const int Remembered = 64;

    /// <summary>The newest generations that this node stood in and left, the oldest first.</summary>
    private readonly Queue<Generation> _stoodIn = new();

    /// <summary>Since when the node has been trusted in its generation without a break.</summary>
    private long _trustedSince;

    /// <summary>Completes without a task if this node has applied all positions and is trusted.</summary>
    /// <param name="positions">The positions; one of another partition makes all of them unknown.</param>
    /// <param name="limit">The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
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

    /// <summary>Waits until this node is trusted, or the limit has passed.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="time">The clock that the limit is measured by.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
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

    /// <summary>The status once it is known, null while the log has to be waited for.</summary>
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
                    return PositionStatus.Unknown; // everything there is has been read since: the log has never given this position out
            }

            return _failedWith > after && !isTrusted ? PositionStatus.NotYet : null;
        }
    }

    /// <summary>
    /// A position of a lost history is older than all once this one has lasted longer than records are replayed. Before that, only a history that
    /// this node stood in may be waited for: a client can make up any number of others.
    /// </summary>
    private PositionStatus OfAnotherHistory_NeedsLock(Generation generation, bool isTrusted, long now)
    {
        if (isTrusted && IsOlder(generation, Horizon.Position.Generation) && now - _trustedSince > _settings.Horizon.ReplayWindow + _settings.Horizon.StalenessBound)
            return PositionStatus.Reached;
        return _stoodIn.Contains(generation) ? PositionStatus.NotYet : PositionStatus.Unknown;
    }

    /// <summary>False for a history that certainly began after this one: nothing of it can have been replayed here.</summary>
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
