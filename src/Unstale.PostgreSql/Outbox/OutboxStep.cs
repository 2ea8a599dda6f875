namespace Unstale.PostgreSql.Outbox;

/// <summary>Steps of a change from the transaction to the log, in order. A process may end between any two of them.</summary>
internal enum OutboxStep
{
    /// <summary>Row added, transaction open.</summary>
    Added = 1,

    /// <summary>Transaction committed.</summary>
    Committed = 2,

    /// <summary>Invalidation of the writer in the log, row not marked.</summary>
    Raised = 3,

    /// <summary>Row marked as sent by the writer.</summary>
    Marked = 4,

    /// <summary>Rows locked and read by a relay.</summary>
    Read = 5,

    /// <summary>Invalidations of a relay in the log, rows not marked.</summary>
    Relayed = 6,

    /// <summary>Rows marked as sent by a relay, transaction open.</summary>
    RelayMarked = 7,

    /// <summary>Transaction of the relay committed.</summary>
    RelayCommitted = 8,
}
