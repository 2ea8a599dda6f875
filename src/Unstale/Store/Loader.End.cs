using Unstale.Horizon;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <content>End of a load: stores the value unless an invalidation intervened, and completes the callers that may receive the value.</content>
internal sealed partial class Loader
{
    /// <param name="fill">Load to end.</param>
    /// <param name="loaded">Result of the load.</param>
    /// <param name="life">Lifetime of the entry.</param>
    /// <param name="isTrue">Whether the value may be stored: nothing that concerns the value was invalidated since the load began.</param>
    private CacheResult<T> End<T>(Fill<T> fill, in Loaded<T> loaded, in EntryLife life, out bool isTrue)
    {
        var horizon = context.Horizon;
        long firstMark = MarkRing.None;
        TagSet carried;
        context.Entries.Prepare();
        lock (horizon.Gate)
        {
            Close_NeedsLock(fill);
            var tags = AllTags_NeedsLock(fill, loaded.Carried, loaded.Outcome == CacheOutcome.Remote);
            carried = fill.Carried = tags;
            if (fill.Joined is not null)
                firstMark = horizon.FirstMark(fill.Ticket, fill.Key, tags.Names);
            isTrue = MayKeep_NeedsLock(fill, loaded, tags);
            if (loaded.ReplacesHere && !fill.IsAbandoned)
                context.Entries.Replace_NeedsLock(fill.Identity, loaded.Stamp);
            if (isTrue && life.KeepsHere)
                Put_NeedsLock(fill.Identity, loaded.Value, loaded.Payload, tags, loaded.Stamp, life);
            else
                horizon.Tags.Release(tags);
            fill.IsKept = isTrue && (loaded.Outcome == CacheOutcome.Remote ? fill.IsRefresh : life.KeepsHere || fill.Lease is not null);
        }

        if (fill.IsKept)
            _pauses.End(fill.Key);

        if (loaded.IsKept && !isTrue && !fill.IsAbandoned)
        {
            context.Metrics.FillRefused();
            context.Logger.FillRefused(context.Name);
        }

        Answer(fill, loaded, firstMark, carried);
        if (loaded.Outcome != CacheOutcome.None)
            FillScope.Record(fill.Parent, context, fill.Key, carried.Names);
        context.Wake();
        return new CacheResult<T>(loaded.Value, loaded.Outcome);
    }

    private void Fail<T>(Fill<T> fill, Exception exception)
    {
        lock (context.Horizon.Gate)
        {
            if (fill.IsEnded)
                return;
            Close_NeedsLock(fill);
            fill.HoldRemote_NeedsLock(null, context.Horizon.Tags);
            context.Horizon.Tags.Release(fill.Tags);
        }

        RecordFailed(fill.Parent, fill);
        context.Logger.FillFailed(exception, context.Name);
        foreach (var waiters in fill.Joined ?? [])
            waiters.Fail(exception);
    }

    /// <summary>Records a failed load for the parent. A factory that continues without the value depends on the absence of the value.</summary>
    private void RecordFailed(Fill? parent, Fill fill)
    {
        if (parent is not null)
            FillScope.Record(parent, context, fill.Key, UnionOf(fill.Tags.Tags, fill.Read?.Snapshot()));
    }

    private void Close_NeedsLock(Fill fill)
    {
        fill.IsEnded = true;
        Forget_NeedsLock(fill);
    }

    private bool MayKeep_NeedsLock<T>(Fill<T> fill, in Loaded<T> loaded, TagSet tags) =>
        loaded.IsKept
        && !fill.IsAbandoned
        && fill.Ticket.Trusted
        && !lifetime.IsCancellationRequested
        && context.Horizon.MayStore(fill.Key, tags, loaded.Stamp, fill.Ticket.Epoch);

    /// <summary>Returns all names carried by the value as one tag set, which the caller must release or pass on.</summary>
    private TagSet AllTags_NeedsLock(Fill fill, string[]? carried, bool isRemote)
    {
        var table = context.Horizon.Tags;
        if (!isRemote)
            fill.HoldRemote_NeedsLock(null, table);
        var tags = fill.TakeRemote_NeedsLock() ?? fill.Tags;
        if (tags != fill.Tags)
            table.Release(fill.Tags);
        if (carried is null)
            return tags;

        // Calls may have joined since the names were collected.
        var all = table.Hold(fill.IsNamedByMore ? UnionOf(carried, fill.Tags.Tags) : carried);
        table.Release(tags);
        return all;
    }

    /// <summary>Stores a value for which storing is allowed. The tag set must be held for the entry.</summary>
    public void Put_NeedsLock<T>(in FillIdentity identity, T value, byte[]? payload, TagSet tags, long stamp, in EntryLife life)
    {
        var now = context.Clock.Now;
        var view = context.Horizon.View;
        context.Kept?.Invoke(identity.Key, tags.Names); // before any read can find the entry
        var head = new EntryHead(identity.Key, identity.Hash, tags, stamp, view.Epoch, view.BroadCount, now, now + Math.Min(life.FreshFor, life.LocalExpiration), now + life.LocalExpiration);
        context.Entries.Put_NeedsLock(
            ValueCodec<T>.Shared ? new ValueEntry<T>(value, head) : new PayloadEntry<T>(payload!, head));
    }

    /// <summary>
    /// Completes the callers that joined. Callers that joined before the first mark since the load began receive the value; the others start again
    /// together.
    /// </summary>
    private static void Answer<T>(Fill<T> fill, in Loaded<T> loaded, long firstMark, TagSet carried)
    {
        if (fill.Joined is null)
            return;
        var answer = new FillAnswer<T>(StartAgain: false, loaded.Value, ValueCodec<T>.Shared ? null : loaded.Payload)
        {
            LoadsAlone = !loaded.MayBeGiven,
            Outcome = loaded.Outcome == CacheOutcome.Fill ? CacheOutcome.Joined : loaded.Outcome,
            IsTainted = fill.IsTainted,
            Carried = carried,
        };
        foreach (var waiters in fill.Joined)
        {
            var mayHave = waiters.Tick < firstMark || waiters.Tick <= fill.Ticket.Tick;
            waiters.Answer(mayHave ? answer : FillAnswer<T>.Again);
        }
    }
}
