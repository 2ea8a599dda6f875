using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// Newest marks of this node, in order of creation. A load uses the ring to find the waiters that joined before the first mark of its key or tags.
/// All members require the horizon's lock.
/// </summary>
internal sealed class RecentInvalidations
{
    /// <summary>Result if no mark concerns the key.</summary>
    public const long None = long.MaxValue;
    private const int Kept = 1024;

    private readonly InvalidationTarget[] _marks = new InvalidationTarget[Kept];

    /// <summary>Number of marks made: the node's local time between records.</summary>
    public long Tick { get; private set; }

    public void Add(in InvalidationTarget target) => _marks[++Tick % Kept] = target;

    /// <summary>
    /// Returns the tick of the first mark after <paramref name="since"/> that concerns the key, <see cref="None"/> if there is none, or
    /// <paramref name="since"/> itself if the ring does not reach back far enough.
    /// </summary>
    public long First(string key, ReadOnlySpan<string> tags, long since)
    {
        if (Tick - since > Kept)
            return since;
        for (var tick = since + 1; tick <= Tick; tick++)
        {
            ref readonly var mark = ref _marks[tick % Kept];
            if (mark.Concerns(key, tags) || (mark.Kind == TargetKind.Tag && RowTargets.HasPredicateOn(tags, mark.Text)))
                return tick;
        }

        return None;
    }
}
