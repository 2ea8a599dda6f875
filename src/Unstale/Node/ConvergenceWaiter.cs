using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>Waits until every node of a log has applied an invalidation, or no longer serves stored values.</summary>
/// <param name="log">Name of the log.</param>
/// <param name="horizon">Horizon with the position of this node.</param>
/// <param name="generations">Generations of this node.</param>
/// <param name="changed">Set after each possible change of this node.</param>
/// <param name="clock">Clock of the pauses.</param>
/// <param name="settings">Serving times of the nodes.</param>
internal sealed class ConvergenceWaiter(
    string log, PartitionHorizon horizon, GenerationHistory generations, AsyncSignal changed, MonotonicClock clock, NodeSettings settings) : IAsyncDisposable
{
    private const int ShortestPause = 5;
    private const int LongestPause = 250;

    /// <summary>Time to wait for the list of nodes before it is requested again.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private CancellationToken _closed;

    /// <summary>Source of the list of nodes; null for a local log, whose nodes have applied a record before its append returns.</summary>
    private MembershipPoller? _members;

    public void Start(ILogSession session, bool isLocal)
    {
        _closed = _closing.Token;
        _members = isLocal ? null : new MembershipPoller(
            () => session.MembersAsync(horizon.Partition, CancellationToken.None).AsTask().WaitAsync(RequestLimit, clock.Provider),
            () => clock.Now,
            settings.Horizon.StalenessBound);
    }

    /// <summary>Waits until every node of the partition has applied the operations, or no longer serves stored values.</summary>
    /// <param name="operations">Operations of this partition.</param>
    /// <param name="cancellationToken">Cancels the wait. The operations are not cancelled.</param>
    /// <exception cref="ObjectDisposedException">The node was closed during the wait.</exception>
    public async ValueTask WaitForAllNodesAsync(Operation[] operations, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed);
        try
        {
            foreach (var part in operations)
                await part.Applied.WaitAsync(ends.Token).ConfigureAwait(false);
            if (_members is { } members)
                await AllHaveAppliedAsync(members, operations, ends.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Errors.LogClosed(log);
        }
    }

    /// <summary>Returns the last position of an event's records in this partition. At this position all of the records are in force.</summary>
    public LogPosition PositionOf(IEnumerable<Operation> records)
    {
        lock (horizon.Gate)
        {
            return records.Select(static record => record.Position).Aggregate((last, next) =>
                (next.TryCompare(last, out var order) ? order > 0 : next.Generation == horizon.Position.Generation) ? next : last);
        }
    }

    /// <summary>Ends all waits with an exception.</summary>
    public async ValueTask CloseAsync() => _ = await GuardedCancellation.CancelAsync(_closing).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task AllHaveAppliedAsync(MembershipPoller members, Operation[] operations, CancellationToken cancellationToken)
    {
        var check = new ConvergenceCheck(settings.FailoverGracePeriod.TotalMilliseconds);
        for (var pause = ShortestPause; ; pause = Math.Min(2 * pause, LongestPause))
        {
            var change = changed.Next;
            if (await members.RequestAsync().WaitAsync(cancellationToken).ConfigureAwait(false) is { } snapshot)
                check.Apply(snapshot, Needed(operations, snapshot.Generation), clock.Now);
            var status = StatusOf(operations, out var needed);
            if (check.IsOver(status, needed, clock.Now, out var left))
                return;

            // This node confirms together with the others: the reply to its own tail indicates that the others may have confirmed too. Later
            // changes are unrelated to this request.
            var length = TimeSpan.FromMilliseconds(Math.Min(pause, left ?? pause));
            var rest = pause == ShortestPause
                ? change.WaitAsync(length, clock.Provider, cancellationToken)
                : Task.Delay(length, clock.Provider, cancellationToken);
            await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private NodeStatus StatusOf(Operation[] operations, out long needed)
    {
        lock (horizon.Gate)
        {
            var generation = horizon.Position.Generation;
            needed = Needed_NeedsLock(operations, generation);
            return new NodeStatus(generation, generations.FollowedSince, horizon.Replaying == 0);
        }
    }

    private long Needed(Operation[] operations, Generation generation)
    {
        lock (horizon.Gate)
            return Needed_NeedsLock(operations, generation);
    }

    /// <summary>
    /// Returns the highest sequence of the operations in the generation. Positions change when records are replayed into a new generation, so they
    /// are read again, under the lock.
    /// </summary>
    private static long Needed_NeedsLock(Operation[] operations, Generation generation) =>
        operations.Where(o => o.Position.Generation == generation).Select(o => o.Position.Sequence).DefaultIfEmpty().Max();
}
