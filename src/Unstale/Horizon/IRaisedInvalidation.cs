using System.Runtime.CompilerServices;

namespace Unstale.Horizon;

/// <summary>Invalidation raised on this node, which counts the entries that it removes here.</summary>
internal interface IRaisedInvalidation
{
    /// <summary>Ticket for the entries that the sweep removes for this invalidation.</summary>
    ISweepTicket? Sweep { get; set; }

    /// <summary>Returns an unfinished ticket of this invalidation.</summary>
    ISweepTicket NewTicket();

    /// <summary>Counts the entries removed because a target names their key.</summary>
    void CountRemoved(int target, int entries);

    StrongBox<long>? CounterOf(int target);
}
