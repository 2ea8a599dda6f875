using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>Mark for a pass of the sweep.</summary>
/// <param name="Sequence">Sequence of the record.</param>
/// <param name="Target">Marked target.</param>
/// <param name="Ticket">Counter of the invalidation, if raised on this node.</param>
/// <param name="Counter">Counter of the rule that named the target; null if none.</param>
internal sealed record SweepMark(long Sequence, InvalidationTarget Target, SweepTicket? Ticket, StrongBox<long>? Counter)
{
    /// <summary>Counts an entry removed because of this mark.</summary>
    public void Count()
    {
        Ticket?.Count();
        if (Counter is not null)
            Interlocked.Increment(ref Counter.Value); // several caches and logs may sweep at once
    }
}
