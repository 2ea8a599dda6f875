using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>Selector in force (a pattern or an all-of). Each entry is compared with each selector once.</summary>
internal sealed class SelectorRecord(InvalidationTarget target, long sequence)
{
    /// <summary>Sequence of a pending invalidation. Higher than every other sequence.</summary>
    public const long Pending = long.MaxValue;

    public InvalidationTarget Target => target;

    /// <summary>Ordinal among all selectors seen by this node. Changed under the horizon's lock, when numbering restarts.</summary>
    public int Number { get; set; }

    public long Effective = sequence;

    public bool IsPending => Effective == Pending;
}
