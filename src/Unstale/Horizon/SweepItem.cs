using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>Mark for a pass of the sweep.</summary>
/// <param name="sequence">Sequence of the record.</param>
/// <param name="target">Marked target.</param>
/// <param name="ticket">Counter of the invalidation, if raised on this node.</param>
/// <param name="counter">Counter of the rule that named the target; null if none.</param>
internal sealed class SweepItem(long sequence, InvalidationTarget target, ISweepTicket? ticket, StrongBox<long>? counter) : ISweepMark
{
    private readonly InvalidationTarget _target = target;

    public long Sequence => sequence;

    public ref readonly InvalidationTarget Target => ref _target;

    public ISweepTicket? Ticket => ticket;

    public void Count()
    {
        ticket?.Count();
        if (counter is not null)
            Interlocked.Increment(ref counter.Value); // several caches and logs may sweep at once
    }
}
