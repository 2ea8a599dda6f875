namespace Unstale;

/// <summary>How far an invalidation has come.</summary>
public enum ReceiptState
{
    /// <summary>In the log, at a position. On this node it holds since before the call returned.</summary>
    Applied,

    /// <summary>
    /// Some of it waits for its batch to be flushed and is not in force yet; what does not wait is applied. Or all of it waits for the end of the
    /// scope or transaction in which it was raised.
    /// </summary>
    Pending,

    /// <summary>In force on this node; the log could not be reached in time and is being retried.</summary>
    Queued,

    /// <summary>Nothing was raised: the scope was disposed without being completed, or the transaction was rolled back.</summary>
    Dropped,

    /// <summary>
    /// Nothing was appended: a record in the log told of this version of the key, or of a newer one, before. What it took is untrue on this
    /// node since before the call returned.
    /// </summary>
    Superseded,
}
