using Unstale.Horizon;
using Unstale.Telemetry;

namespace Unstale.Memory;

/// <summary>
/// Removes invalidated and expired entries in one pass over a store. Entries are checked without the lock; the lock is acquired once for each removed
/// entry.
/// </summary>
internal sealed class Sweep(MemoryStore store, HorizonView view, CacheMetrics metrics)
{
    public void Run(SweepQueue batch, long now)
    {
        long invalidated = 0, expired = 0;
        foreach (var entry in store.Table)
        {
            var state = entry.StateIn(view, now);
            if (state == EntryState.Expired)
            {
                expired += now >= entry.KeptUntil && store.RemoveExpired(entry) ? 1 : 0;
            }
            else if (state == EntryState.Invalidated)
            {
                var cause = batch.CauseOf(entry);
                if (!store.SweepInvalidated(entry, now, mayBeTakenLater: cause is null && !batch.IsFull))
                    continue;
                invalidated++;
                cause?.Count();
            }
        }

        metrics.EvictedForAge(expired);
        metrics.EntriesInvalidated(invalidated);
    }
}
