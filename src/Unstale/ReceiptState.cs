namespace Unstale;

/// <summary>Progress of an invalidation.</summary>
public enum ReceiptState
{
    /// <summary>Stored in the log, at a position. The invalidation was in effect on this node before the call returned.</summary>
    Applied,

    /// <summary>
    /// A part is pending in a batch and not yet in effect, and the rest is applied. Or the invalidation is pending until the end of the scope or
    /// transaction in which the call was made.
    /// </summary>
    Pending,

    /// <summary>In effect on this node and queued: the log could not be reached in time, and the append is being retried.</summary>
    Queued,

    /// <summary>Nothing was invalidated: the scope was disposed without being completed, or the transaction was rolled back.</summary>
    Dropped,

    /// <summary>
    /// Nothing was appended: the log already contained a record of this version of the key, or of a newer one. The values invalidated by the existing
    /// record were invalid on this node before the call returned.
    /// </summary>
    Superseded,
}
