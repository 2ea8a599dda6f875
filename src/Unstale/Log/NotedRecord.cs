namespace Unstale.Log;

/// <summary>Record seen by this node.</summary>
/// <param name="Seen">Generation and epoch in which the record was seen.</param>
/// <param name="Sequence">Sequence of the record.</param>
/// <param name="Record">Record at this position.</param>
internal readonly record struct NotedRecord(NotedEpoch Seen, long Sequence, InvalidationRecord Record)
{
    /// <summary>Generation of the record.</summary>
    public Generation Generation => Seen.Generation;

    /// <summary>Epoch of the node at that time. Entries of another epoch were not held at the same time.</summary>
    public int Epoch => Seen.Epoch;
}
