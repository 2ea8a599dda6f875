using Unstale.Horizon;

namespace Unstale.Node;

/// <content>Waiting until every node has applied an invalidation.</content>
internal sealed partial class LogNode
{
    private const int ShortestPause = 5;
    private const int LongestPause = 250;

    /// <summary>Time to wait for the list of nodes before it is requested again.</summary>
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;

    /// <summary>Waits until every node of the partition has applied the operations, or no longer serves stored values.</summary>
    /// <param name="operations">Operations of this partition.</param>
    /// <param name="cancellationToken">Cancels the wait. The operations are not cancelled.</param>
    public async ValueTask AppliedEverywhereAsync(Operation[] operations, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed);
        try
        {
            foreach (var part in operations)
                await (part.Wait?.Applied ?? Task.CompletedTask).WaitAsync(ends.Token).ConfigureAwait(false);
            if (!_isLocal)
                await AllHaveAppliedAsync(operations, ends.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Errors.LogClosed(Name);
        }
    }

    private async Task AllHaveAppliedAsync(Operation[] operations, CancellationToken cancellationToken)
    {
        var wait = new MemberWait(_settings.SplitBrainAllowance.TotalMilliseconds);
        for (var pause = ShortestPause; ; pause = Math.Min(2 * pause, LongestPause))
        {
            var news = _news.Next;
            if (await _members.AskAsync().WaitAsync(cancellationToken).ConfigureAwait(false) is { } heard)
                wait.Take(heard, Needed(operations, heard.Generation), _clock.Now);
            var place = Place(operations, out var needed);
            if (wait.IsOver(place, needed, _clock.Now, out var left))
                return;

            // This node confirms together with the others: the reply to its own tail indicates that the others may have confirmed too. Later
            // notifications are unrelated to this request.
            var length = TimeSpan.FromMilliseconds(Math.Min(pause, left ?? pause));
            var rest = pause == ShortestPause
                ? news.WaitAsync(length, _clock.Provider, cancellationToken)
                : Task.Delay(length, _clock.Provider, cancellationToken);
            await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Returns the last position of an event's records in this partition. At this position all of the records are in force.</summary>
    public LogPosition PositionOf(IEnumerable<Operation> records)
    {
        lock (Horizon.Gate)
        {
            return records.Select(static record => record.Position).Aggregate((last, next) =>
                (next.TryCompare(last, out var order) ? order > 0 : next.Generation == Horizon.Position.Generation) ? next : last);
        }
    }

    private NodePlace Place(Operation[] operations, out long needed)
    {
        lock (Horizon.Gate)
        {
            var generation = Horizon.Position.Generation;
            needed = Needed_NeedsLock(operations, generation);
            return new NodePlace(generation, _standsSince, Horizon.Replaying == 0);
        }
    }

    private long Needed(Operation[] operations, Generation generation)
    {
        lock (Horizon.Gate)
            return Needed_NeedsLock(operations, generation);
    }

    /// <summary>
    /// Returns the highest sequence of the operations in the generation. Positions change when records are replayed into a new generation, so they
    /// are read again, under the lock.
    /// </summary>
    private static long Needed_NeedsLock(Operation[] operations, Generation generation) =>
        operations.Where(o => o.Position.Generation == generation).Select(o => o.Position.Sequence).DefaultIfEmpty().Max();
}
