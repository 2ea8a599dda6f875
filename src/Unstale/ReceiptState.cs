namespace Unstale;

/// <summary>How far an invalidation has come.</summary>
public enum ReceiptState
{
    /// <summary>In the log, at a position. On this node it holds since before the call returned.</summary>
    Applied,

    /// <summary>Some of it waits for its batch to be flushed and is not in force yet. What does not wait is applied.</summary>
    Pending,

    /// <summary>In force on this node; the log could not be reached in time and is being retried.</summary>
    Queued,
}
