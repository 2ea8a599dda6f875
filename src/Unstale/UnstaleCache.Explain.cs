using Unstale.Log;
using Unstale.Remote;
using Unstale.Rules;
using Unstale.Store;

namespace Unstale;

/// <content>Why a key is held or is not, and what a change would take.</content>
public sealed partial class UnstaleCache
{
    /// <summary>Who asks why something is wrong is not to wait for what is wrong.</summary>
    private static readonly TimeSpan RemoteAnswersWithin = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Says how a key stands on this node: in memory, in the second level, and what was invalidated lately that concerns it. All of the work is
    /// done when it is asked for, from what <see cref="UnstaleOptions.RecentRecords"/> and <see cref="UnstaleOptions.RecentRemovals"/> keep.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="records">How many records that concern it are told, from 0.</param>
    /// <param name="cancellationToken">Ends the waiting for the second level.</param>
    /// <exception cref="ArgumentException">The key is empty, too long, or holds half of a surrogate pair.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of records is negative.</exception>
    public async ValueTask<KeyExplanation> ExplainAsync(string key, int records = 10, CancellationToken cancellationToken = default)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        ArgumentOutOfRangeException.ThrowIfNegative(records);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        var part = PartOf(key);
        Entry? entry;
        EntryState state;
        RemovedEntry? removed;
        RecordHistory history;
        long now;
        int epoch;
        lock (part.Node.Horizon.Gate)
        {
            now = _clock.Now;
            entry = part.Entries.Find(key);
            state = entry is null ? EntryState.Absent : part.StateOf(entry, now);
            removed = part.Entries.LastRemoved_NeedsLock(key);
            history = part.Node.Horizon.History();
            epoch = part.View.Epoch;
        }

        var remote = await RemoteOfAsync(key, history.Position, cancellationToken).ConfigureAwait(false);
        var names = entry?.Tags.Tags ?? removed?.Names ?? [.. remote.Names];
        var gone = removed is { } went ? RemovedOf(went, history, now, epoch) : null;
        return new KeyExplanation
        {
            Key = key,
            State = state,
            Position = entry is null ? null : PositionOf(entry.Stamp, entry.Epoch, epoch, history),
            Age = entry is null ? null : Left(now - entry.StoredAt),
            ExpiresIn = entry is null ? null : Left(entry.ExpiresAt - now),
            FreshIn = entry is null ? null : Left(entry.FreshUntil - now),
            Tags = KeyMark.TagsOf(names),
            Dependencies = KeyMark.KeysOf(names),
            DependsOnAnyRecord = Array.IndexOf(names, KeyMark.AnyRecord) >= 0,
            Remote = remote.Explanation,
            Removed = gone,
            TakenBy = state switch
            {
                EntryState.Invalidated => new KeyHistory(history, key, names).TakerOf(entry!.Stamp, entry.Epoch),
                EntryState.Absent => gone?.TakenBy,
                _ => null,
            },
            Recent = new KeyHistory(history, key, names).Newest(records),
        };
    }

    /// <summary>
    /// Says what a change would take of what this process holds in memory under the log, and by which rule, without raising it. No rule counts
    /// as run; conditions are asked. It walks through all that is held, on another thread.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="samples">How many keys are told for each rule, from 0.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">A name of the change is empty or too long, or <see cref="ChangeScope.Entity"/> goes without an id.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of samples is negative.</exception>
    public ValueTask<ChangePreview> PreviewAsync(Change change, int samples = 5, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        _invalidator.Check(change);
        return new(Task.Run(() => _invalidator.Preview(change, samples, cancellationToken), cancellationToken));
    }

    private static RemovedExplanation RemovedOf(in RemovedEntry removed, RecordHistory history, long now, int epoch) => new(
        removed.Cause,
        Left(now - removed.At),
        PositionOf(removed.Stamp, removed.Epoch, epoch, history),
        removed.Cause == RemovalCause.Invalidated
            ? new KeyHistory(history, removed.Key, removed.Names).TakerOf(removed.Stamp, removed.Epoch)
            : null);

    /// <summary>Null if the epoch of the value is over and nobody remembers in which history that was.</summary>
    private static LogPosition? PositionOf(long stamp, int epoch, int now, RecordHistory history)
    {
        if (epoch == now)
            return history.Position with { Sequence = stamp };
        var end = history.Flushes.FirstOrDefault(flush => flush.Epoch == epoch);
        return end is null ? null : new LogPosition(history.Position.Partition, end.Generation, stamp);
    }

    private async ValueTask<(RemoteExplanation Explanation, IReadOnlyList<string> Names)> RemoteOfAsync(
        string key, LogPosition position, CancellationToken cancellationToken)
    {
        if (_context.Remote is not { } store)
            return (new(RemoteState.None), []);
        if (!store.IsReachable(position.Partition) || position.Generation == Generation.None)
            return (new(RemoteState.NotReachable), []);
        try
        {
            var asked = store.GetOrLeaseAsync(position.Partition, key, position.Generation, new RemoteRequest(RemoteRequestKind.Value), cancellationToken).AsTask();
            var reply = await asked.WaitAsync(RemoteAnswersWithin, _clock.Provider, cancellationToken).ConfigureAwait(false);
            return reply.Hit is not { } hit || IsTaken(reply, hit, key) ? (new(RemoteState.Absent), []) : (Of(hit, position), hit.Tags);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _context.RemoteFailed(exception);
            return (new(RemoteState.NotReachable), []);
        }
    }

    /// <summary>A pattern that the server has not swept yet matches it.</summary>
    private static bool IsTaken(in RemoteReply reply, RemoteHit hit, string key)
    {
        string[] names = [.. hit.Tags];
        return reply.Broad.Any(target => target.Concerns(key, names));
    }

    private static RemoteExplanation Of(RemoteHit hit, LogPosition position)
    {
        string[] names = [.. hit.Tags];
        return new(RemoteState.Held, hit.Age, hit.Remaining, KeyMark.TagsOf(names), KeyMark.KeysOf(names), position with { Sequence = hit.Stamp });
    }
}
