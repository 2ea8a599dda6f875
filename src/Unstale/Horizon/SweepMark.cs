using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>A mark that a pass of the sweep serves.</summary>
/// <param name="Sequence">Its record's place.</param>
/// <param name="Target">What was marked.</param>
/// <param name="Ticket">Counts for the invalidation, if this node raised it.</param>
/// <param name="Counter">Counts for whoever named the target.</param>
internal sealed record SweepMark(long Sequence, InvalidationTarget Target, SweepTicket? Ticket, StrongBox<long>? Counter)
{
    /// <summary>It took an entry.</summary>
    public void Count()
    {
        Ticket?.Count();
        if (Counter is not null)
            Interlocked.Increment(ref Counter.Value); // several caches, and logs, may sweep at once
    }
}
