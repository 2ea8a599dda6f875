using Unstale.Horizon;

namespace Unstale.Node;

/// <content>Waiting until every node has applied an invalidation.</content>
internal sealed partial class LogNode
{
    private const int ShortestPause = 5;
    private const int LongestPause = 250;

    /// <summary>How long an answer of the list of nodes is waited for before it is asked for again.</summary>
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;

    /// <summary>Waits until every node of the partition has applied the operations, or serves nothing any more.</summary>
    /// <param name="operations">Operations of this partition.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
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

            // The asking node confirms with the others: its own tail is the sign that they may have done so. Later signs are not of this question.
            var length = TimeSpan.FromMilliseconds(Math.Min(pause, left ?? pause));
            var rest = pause == ShortestPause
                ? news.WaitAsync(length, _clock.Provider, cancellationToken)
                : Task.Delay(length, _clock.Provider, cancellationToken);
            await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The last position of an event's records in this partition: with it all of them hold.</summary>
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

    /// <summary>Positions change when records are replayed into a new generation, so they are read anew, and under the lock.</summary>
    private static long Needed_NeedsLock(Operation[] operations, Generation generation) =>
        operations.Where(o => o.Position.Generation == generation).Select(o => o.Position.Sequence).DefaultIfEmpty().Max();
}
