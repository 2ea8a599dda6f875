using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>A pattern or all-of in force: entries are compared with it once each.</summary>
internal sealed class BroadRecord(InvalidationTarget target, long sequence)
{
    /// <summary>Later than all while the invalidation is on its way.</summary>
    public const long Pending = long.MaxValue;

    public InvalidationTarget Target => target;

    /// <summary>Its place among all broad records that this node has met. Changed under the horizon's lock, when the numbers begin anew.</summary>
    public int Number { get; set; }

    public long Effective = sequence;

    public bool IsPending => Effective == Pending;
}
