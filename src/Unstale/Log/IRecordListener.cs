namespace Unstale.Log;

/// <summary>
/// Receives the records that a node has passed, in the order of the log. Calls are made under a lock, one at a time, and must not block.
/// </summary>
internal interface IRecordListener
{
    /// <summary>Called once for each record that the node has reached, whether raised by this node or another.</summary>
    void Passed(in LogPosition position, InvalidationRecord record);

    /// <summary>
    /// Called when the node continues at a position without having received the records before: anything may have been invalidated.
    /// </summary>
    void Skipped(in LogPosition position);
}
