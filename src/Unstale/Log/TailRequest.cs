namespace Unstale.Log;

/// <summary>What a node tells when it asks for what it does not know yet.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Generation">The generation it stands in; none before the first answer.</param>
/// <param name="Cursor">The sequence up to which it has applied everything.</param>
/// <param name="IdAtCursor">The id of the record at the cursor; 0 before the first.</param>
/// <param name="OwnSequence">The highest sequence above the cursor that the node's own append was acknowledged at; 0 for none.</param>
/// <param name="OwnId">The id of that record.</param>
public readonly record struct TailRequest(
    int Partition, Generation Generation, long Cursor, long IdAtCursor, long OwnSequence, long OwnId)
{
    /// <summary>
    /// Whether the tail is one of those by which the node confirms the history of the log, so that nodes which were not there can rely
    /// on that history. False for a tail that a client's position asked for.
    /// </summary>
    public bool Confirms { get; init; } = true;

    /// <summary>How long the node may serve what it holds without confirming again.</summary>
    public TimeSpan ServesFor { get; init; }
}
