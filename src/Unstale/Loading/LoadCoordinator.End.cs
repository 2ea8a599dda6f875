using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Loading;

/// <content>End of a load: stores the value unless an invalidation intervened, and completes the callers that may receive the value.</content>
internal sealed partial class LoadCoordinator
{
    /// <param name="load">Load to end.</param>
    /// <param name="loaded">Result of the load.</param>
    /// <param name="life">Lifetime of the entry.</param>
    /// <param name="isTrue">Whether the value may be stored: nothing that concerns the value was invalidated since the load began.</param>
    /// <param name="carried">All names carried by the value.</param>
    private CacheResult<T> End<T>(Load<T> load, in Loaded<T> loaded, in EntryLifetime life, out bool isTrue, out TagSet carried)
    {
        var horizon = context.Horizon;
        long firstMark = RecentInvalidations.None;
        context.Entries.Prepare();
        lock (horizon.Gate)
        {
            Close_NeedsLock(load);
            var tags = AllTags_NeedsLock(load, loaded.Carried, loaded.Outcome == CacheOutcome.Remote);
            carried = tags;
            if (load.Joined is not null)
                firstMark = horizon.FirstMark(load.Ticket, load.Key, tags.Names);
            isTrue = MayKeep_NeedsLock(load, loaded, tags);
            if (loaded.ReplacesHere && !load.IsAbandoned)
                context.Entries.Replace_NeedsLock(load.Identity.Key, load.Identity.Hash, loaded.Stamp);
            if (isTrue && life.KeepsHere)
                Put_NeedsLock(load.Identity, loaded.Value, loaded.Payload, loaded.Size, tags, loaded.Stamp, life);
            else
                horizon.Tags.Release(tags);
            load.IsKept = isTrue && (loaded.Outcome == CacheOutcome.Remote ? load.IsRefresh : life.KeepsHere || load.Remote?.Lease is not null);
        }

        if (load.IsKept)
        {
            _pauses.End(load.Key);
            _failures.End(load.Key);
        }

        if (loaded.IsKept && !isTrue && !load.IsAbandoned)
        {
            context.Metrics.LoadRefused();
            context.Logger.LoadRefused(context.Name);
        }

        CompleteWaiters(load, loaded, firstMark, carried);
        if (loaded.Outcome != CacheOutcome.None)
            AmbientLoad.Record(load.Parent, context, load.Key, carried.Names);
        context.Wake();
        return new CacheResult<T>(loaded.Value, loaded.Outcome);
    }

    private void Fail<T>(Load<T> load, Exception exception)
    {
        if (!TryClose(load))
            return;
        RecordFailed(load.Parent, load);
        context.Logger.LoadFailed(exception, context.Name);
        if (load.IsAbandoned)
            return; // the limit ends the waits, and the cancellation that follows it must not
        foreach (var waiters in load.Joined ?? [])
            waiters.Fail(exception);
    }

    /// <summary>Ends a load that has no value to store. Returns false if the load has already ended.</summary>
    private bool TryClose(Load load)
    {
        lock (context.Horizon.Gate)
        {
            if (load.IsEnded)
                return false;
            Close_NeedsLock(load);
            load.Remote?.Hold_NeedsLock(null, context.Horizon.Tags);
            context.Horizon.Tags.Release(load.Tags);
            return true;
        }
    }

    /// <summary>Returns the lease of a load that stores nothing in the second level, if the load still has one.</summary>
    private void ReleaseLease(Load load)
    {
        if (load.Remote?.DetachLease() is { } lease)
            _remote!.ReleaseBehind(lease);
    }

    /// <summary>Records a failed load for the parent. A factory that continues without the value depends on the absence of the value.</summary>
    private void RecordFailed(Load? parent, Load load)
    {
        if (parent is not null)
            AmbientLoad.Record(parent, context, load.Key, UnionOf(load.Tags.Tags, load.Read?.Snapshot()));
    }

    private void Close_NeedsLock(Load load)
    {
        load.IsEnded = true;
        Forget_NeedsLock(load);
    }

    private bool MayKeep_NeedsLock<T>(Load<T> load, in Loaded<T> loaded, TagSet tags) =>
        loaded.IsKept
        && !load.IsAbandoned
        && load.Ticket.Trusted
        && !lifetime.IsCancellationRequested
        && context.Horizon.MayStore(load.Key, tags, loaded.Stamp, load.Ticket.Epoch);

    /// <summary>Returns all names carried by the value as one tag set, which the caller must release or pass on.</summary>
    private TagSet AllTags_NeedsLock(Load load, string[]? carried, bool isRemote)
    {
        var table = context.Horizon.Tags;
        if (!isRemote)
            load.Remote?.Hold_NeedsLock(null, table);
        var tags = load.Remote?.Detach_NeedsLock() ?? load.Tags;
        if (tags != load.Tags)
            table.Release(load.Tags);
        if (carried is null)
            return tags;

        // Calls may have joined since the names were collected.
        var all = table.Hold(load.IsNamedByMore ? UnionOf(carried, load.Tags.Tags) : carried);
        table.Release(tags);
        return all;
    }

    /// <summary>Stores a value for which storing is allowed. The tag set must be held for the entry. Returns false if memory has no room for the value.</summary>
    public bool Put_NeedsLock<T>(in LoadIdentity identity, T value, byte[]? payload, long size, TagSet tags, long stamp, in EntryLifetime life)
    {
        var now = context.Clock.Now;
        var view = context.Horizon.View;
        context.OnStored?.Invoke(identity.Key, tags.Names); // before any read can find the entry
        var head = new EntryHeader(identity.Key, identity.Hash, tags, stamp, view.Epoch, view.SelectorCount, now, now + Math.Min(life.FreshFor, life.LocalExpiration), now + life.LocalExpiration, life.FailSafeFor)
        {
            Queue = life.Policy?.Queue ?? EntryPlace.None,
        };
        return context.Entries.Put_NeedsLock(
            ValueCodec<T>.Shared ? new ValueEntry<T>(value, head) : new PayloadEntry<T>(payload!, head),
            ValueSize<T>.IsNeeded ? life.Policy?.LocalSize ?? size : 0);
    }

    /// <summary>
    /// Completes the callers that joined. Callers that joined before the first mark since the load began receive the value; the others start again
    /// together.
    /// </summary>
    private static void CompleteWaiters<T>(Load<T> load, in Loaded<T> loaded, long firstMark, TagSet carried)
    {
        if (load.Joined is null || load.IsAbandoned)
            return;
        var answer = new LoadResult<T>(StartAgain: false, loaded.Value, ValueCodec<T>.Shared ? null : loaded.Payload)
        {
            LoadsAlone = !loaded.MayBeGiven,
            Outcome = loaded.Outcome == CacheOutcome.Load ? CacheOutcome.Joined : loaded.Outcome,
            IsTainted = load.IsTainted,
            Carried = carried,
        };
        foreach (var waiters in load.Joined)
        {
            var mayHave = waiters.Tick < firstMark || waiters.Tick <= load.Ticket.Tick;
            waiters.Complete(mayHave ? answer : LoadResult<T>.Again);
        }
    }
}
