using Unstale.Diagnostics;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Remote;
using Unstale.Values;

namespace Unstale;

/// <content>Diagnosis: the state of a key, and the effect of a change.</content>
public sealed partial class UnstaleCache
{
    /// <summary>Maximum wait for the second level. A diagnostic call must not hang on the component under diagnosis.</summary>
    private static readonly TimeSpan RemoteAnswersWithin = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Explains the state of a key on this node: the value in memory and the recent invalidations that concern the key. Unlike
    /// <see cref="ExplainAsync"/>, does not read the second level. For diagnosis: all work is done on demand.
    /// </summary>
    /// <inheritdoc cref="ExplainAsync" path="/param[@name!='cancellationToken']|/exception"/>
    /// <returns>Explanation of the key, in which the second level is <see cref="RemoteState.NotRead"/>.</returns>
    public KeyExplanation Explain(string key, int records = 10) => Explained(StateOf(key, records), new(RemoteState.NotRead), [], records);

    /// <summary>
    /// Explains the state of a key on this node: the value in memory, the value in the second level, and the recent invalidations that concern the
    /// key. For diagnosis. All work is done on demand, from the history retained by <see cref="InvalidationLogOptions.RecentRecords"/> and
    /// <see cref="UnstaleOptions.RecentRemovals"/>.
    /// </summary>
    /// <param name="key">Key to explain.</param>
    /// <param name="records">Maximum number of records that concern the key, newest first, from 0. Default: 10.</param>
    /// <param name="cancellationToken">Cancels the wait for the second level.</param>
    /// <returns>Explanation of the key. A second level that does not reply within 1 second is reported as not reachable.</returns>
    /// <exception cref="ArgumentException">The key is empty, too long, or contains an unpaired surrogate.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of records is negative.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public async ValueTask<KeyExplanation> ExplainAsync(string key, int records = 10, CancellationToken cancellationToken = default)
    {
        var here = StateOf(key, records);
        var remote = await RemoteOfAsync(key, here.History.Position, cancellationToken).ConfigureAwait(false);
        return Explained(here, remote.Explanation, remote.Names, records);
    }

    /// <summary>
    /// Reports which entries in this process's memory a change would invalidate, and by which rule, without invalidating anything. Covers all caches
    /// of the log. Rules are not counted as run; their conditions are evaluated. Scans all entries, on another thread.
    /// </summary>
    /// <param name="change">Change to preview.</param>
    /// <param name="samples">Maximum number of sample keys for each rule, from 0. Default: 5.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    /// <returns>Effect that the change would have on this process.</returns>
    /// <exception cref="ArgumentException">
    /// A name of the change is empty or too long, or <see cref="ChangeScope.Entity"/> is used without an id.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of samples is negative.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<ChangePreview> PreviewAsync(Change change, int samples = 5, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        _invalidator.Check(change);
        return new(Task.Run(() => _invalidator.Preview(change, samples, cancellationToken), cancellationToken));
    }

    private KeyState StateOf(string key, int records)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        ArgumentOutOfRangeException.ThrowIfNegative(records);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        var part = PartOf(key);
        lock (part.Node.Horizon.Gate)
        {
            var now = _clock.Now;
            var entry = part.Entries.Find(key);
            var state = entry is null ? EntryState.Absent : entry.StateIn(part.View, now);
            return new(key, entry, state, part.Entries.LastRemoved_NeedsLock(key), part.Node.Horizon.History(), now, part.View.Epoch);
        }
    }

    /// <param name="here">State of the key on this node.</param>
    /// <param name="remote">State of the key in the second level.</param>
    /// <param name="remoteNames">Tags and dependencies of the value in the second level, used if this node has none.</param>
    /// <param name="records">Maximum number of records.</param>
    private static KeyExplanation Explained(in KeyState here, RemoteExplanation remote, IReadOnlyList<string> remoteNames, int records)
    {
        var (key, entry, state, removed, history, now, epoch) = here;
        var names = entry?.Tags.Tags ?? removed?.Tags.Tags ?? [.. remoteNames];
        var gone = removed is { } went ? RemovedOf(went, history, now, epoch) : null;
        return new KeyExplanation
        {
            Key = key,
            State = state,
            Position = entry is null ? null : PositionOf(entry.Stamp, entry.Epoch, epoch, history),
            Age = entry is null ? null : Left(now - entry.StoredAt),
            ExpiresIn = entry is null ? null : Left(entry.ExpiresAt - now),
            FreshIn = entry is null ? null : Left(entry.FreshUntil - now),
            Tags = DependencyTag.TagsOf(names),
            Dependencies = DependencyTag.KeysOf(names),
            Rows = DependencyTag.PredicatesOf(names),
            DependsOnAnyRecord = Array.IndexOf(names, DependencyTag.AnyRecord) >= 0,
            Remote = remote,
            Removed = gone,
            TakenBy = state switch
            {
                EntryState.Invalidated => new KeyHistory(history, key, names).CauseOf(entry!.Stamp, entry.Epoch),
                EntryState.Absent => gone?.TakenBy,
                _ => null,
            },
            Recent = new KeyHistory(history, key, names).Newest(records),
        };
    }

    private static RemovedExplanation RemovedOf(in RemovedEntry removed, RecordHistory history, long now, int epoch) => new(
        removed.Cause,
        Left(now - removed.At),
        PositionOf(removed.Stamp, removed.Epoch, epoch, history),
        removed.Cause == RemovalCause.Invalidated
            ? new KeyHistory(history, removed.Key, removed.Tags.Tags).CauseOf(removed.Stamp, removed.Epoch)
            : null);

    /// <summary>Converts a stamp to a position. Null if the epoch of the value has ended and its generation is no longer in the history.</summary>
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

    /// <summary>True if the hit matches a selector that the server has not swept yet.</summary>
    private static bool IsTaken(in RemoteReply reply, RemoteHit hit, string key)
    {
        string[] names = [.. hit.Tags];
        return reply.Selectors.Any(target => target.Concerns(key, names));
    }

    private static RemoteExplanation Of(RemoteHit hit, LogPosition position)
    {
        string[] names = [.. hit.Tags];
        return new(RemoteState.Held, hit.Age, hit.Remaining, DependencyTag.TagsOf(names), DependencyTag.KeysOf(names), position with { Sequence = hit.Stamp })
        {
            Rows = DependencyTag.PredicatesOf(names),
        };
    }

    /// <summary>Snapshot of a key on this node, taken under the gate.</summary>
    private readonly record struct KeyState(string Key, Entry? Entry, EntryState State, RemovedEntry? Removed, RecordHistory History, long Now, int Epoch);
}
