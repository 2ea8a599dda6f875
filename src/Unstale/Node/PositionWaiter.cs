using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>Waits until a node has reached given positions of the log, is trusted, or is confirmed.</summary>
/// <param name="horizon">Horizon with the position of the node.</param>
/// <param name="tails">Tails that bring the node forward.</param>
/// <param name="changed">Set after each possible change of the node.</param>
/// <param name="clock">Clock of the limits.</param>
/// <param name="settings">Replay window and staleness bound.</param>
internal sealed class PositionWaiter(PartitionHorizon horizon, TailLoop tails, AsyncSignal changed, MonotonicClock clock, HorizonSettings settings)
{
    /// <summary>
    /// Maximum wait for a confirmation. Longer than a reply needs, and short compared with a load from the source, which it can avoid.
    /// </summary>
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromMilliseconds(250);

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
        lock (horizon.Gate)
        {
            after = horizon.TailsBegun;
            foreach (var position in positions)
            {
                if (position.Partition != horizon.Partition)
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
            var change = changed.Next;
            var left = limit - time.GetElapsedTime(began);
            if (horizon.View.IsTrusted(clock.Now) || left <= TimeSpan.Zero)
                return;
            await change.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Waits for the reply to a tail started after the given one, and requests such a tail: one for all concurrent callers. Also returns when the
    /// tail fails, the epoch ends or the limit passes. The caller must check the horizon again.
    /// </summary>
    public async Task ConfirmAsync(long after, int epoch, CancellationToken cancellationToken)
    {
        var began = clock.Now;
        for (var isRequested = false; ; isRequested = true)
        {
            var change = changed.Next;
            var left = ConfirmLimit - TimeSpan.FromMilliseconds(clock.Now - began);
            if (left <= TimeSpan.Zero || IsAnswered(after, epoch, out var hasBegun))
                return;
            if (!isRequested && !hasBegun)
                tails.Request();
            await change.WaitAsync(left, clock.Provider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<PositionStatus> CatchUpAsync(LogPositions positions, long after, TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = clock.Now;
        tails.Request(confirms: false);
        foreach (var position in positions)
        {
            while (true)
            {
                var change = changed.Next;
                if (StatusOf(position, after) is { } status)
                {
                    if (status == PositionStatus.Reached)
                        break;
                    return status;
                }

                var left = limit == Timeout.InfiniteTimeSpan ? limit : limit - TimeSpan.FromMilliseconds(clock.Now - began);
                if (left <= TimeSpan.Zero && left != Timeout.InfiniteTimeSpan)
                    return PositionStatus.NotYet;
                await change.WaitAsync(left, clock.Provider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return PositionStatus.Reached;
    }

    private bool IsAnswered(long after, int epoch, out bool hasBegun)
    {
        lock (horizon.Gate)
        {
            hasBegun = horizon.TailsBegun > after;
            return horizon.CaughtUpWith > after || tails.Failed > after || horizon.View.Epoch != epoch;
        }
    }

    /// <summary>Returns the status; null while the reply of the log must be awaited.</summary>
    private PositionStatus? StatusOf(LogPosition position, long after)
    {
        lock (horizon.Gate)
        {
            if (HasReached_NeedsLock(position))
                return PositionStatus.Reached;
            var here = horizon.Position;
            var now = clock.Now;
            var isTrusted = horizon.View.IsTrusted(now);
            if (horizon.CaughtUpWith > after && here.Generation != Generation.None)
            {
                if (here.Generation != position.Generation)
                    return ForeignHistory_NeedsLock(position.Generation, isTrusted, now);
                if (here.Sequence < position.Sequence)
                    return PositionStatus.Unknown; // all records have been read since: the log has never issued this position
            }

            return tails.Failed > after && !isTrusted ? PositionStatus.NotYet : null;
        }
    }

    /// <summary>
    /// Returns the status of a position of another generation. Such a position is older than all others once the current generation has lasted longer
    /// than the replay window. Before, only a generation this node has followed may be waited for: a client can invent any number of others.
    /// </summary>
    private PositionStatus ForeignHistory_NeedsLock(Generation generation, bool isTrusted, long now)
    {
        var trustedFor = now - tails.Generations.TrustedSince;
        if (isTrusted && IsOlder(generation, horizon.Position.Generation) && trustedFor > settings.ReplayWindow + settings.StalenessBound)
            return PositionStatus.Reached;
        return tails.Generations.HasLeft(generation) ? PositionStatus.NotYet : PositionStatus.Unknown;
    }

    /// <summary>False for a generation that certainly began after the current one: none of its records can have been replayed here.</summary>
    private static bool IsOlder(Generation foreign, Generation here) => foreign.Number <= here.Number;

    private bool HasReached_NeedsLock(LogPosition position)
    {
        var here = horizon.Position;
        return here.Generation != Generation.None && position.TryCompare(here, out var order) && order <= 0 && horizon.View.IsTrusted(clock.Now);
    }
}
