namespace Unstale.Log;

/// <summary>Request of a node for the records it is missing.</summary>
/// <param name="Partition">Number of the partition.</param>
/// <param name="Generation">Generation of the node; none before the first reply.</param>
/// <param name="Cursor">Sequence up to which the node has applied all records.</param>
/// <param name="IdAtCursor">Id of the record at the cursor; 0 before the first.</param>
/// <param name="OwnSequence">Highest sequence above the cursor at which an own append of the node was acknowledged; 0 for none.</param>
/// <param name="OwnId">Id of the record at <paramref name="OwnSequence"/>.</param>
internal readonly record struct TailRequest(
    int Partition, Generation Generation, long Cursor, long IdAtCursor, long OwnSequence, long OwnId)
{
    /// <summary>
    /// Whether the node confirms the history of the log with this tail, so that nodes absent until then can rely on the history. False for a tail
    /// requested only for a client's position. Default: true.
    /// </summary>
    public bool Confirms { get; init; } = true;

    /// <summary>Time for which the node may serve stored values without another confirmation.</summary>
    public TimeSpan ServesFor { get; init; }
}
