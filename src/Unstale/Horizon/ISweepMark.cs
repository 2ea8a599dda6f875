using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>Mark for a pass of the sweep.</summary>
internal interface ISweepMark
{
    /// <summary>Sequence of the record.</summary>
    long Sequence { get; }

    /// <summary>Marked target.</summary>
    ref readonly InvalidationTarget Target { get; }

    /// <summary>Counter of the invalidation, if raised on this node.</summary>
    ISweepTicket? Ticket { get; }

    /// <summary>Counts an entry removed because of this mark.</summary>
    void Count();
}
