namespace Unstale.Log;

/// <summary>Record seen by this node.</summary>
/// <param name="Seen">Generation and epoch in which the record was seen.</param>
/// <param name="Sequence">Sequence of the record.</param>
/// <param name="Source">Record at this position, or the object that creates it.</param>
internal readonly record struct NotedRecord(NotedEpoch Seen, long Sequence, IRecordSource Source)
{
    /// <summary>Generation of the record.</summary>
    public Generation Generation => Seen.Generation;

    /// <summary>Epoch of the node at that time. Entries of another epoch were not held at the same time.</summary>
    public int Epoch => Seen.Epoch;

    /// <summary>Record at this position. May be created by each call.</summary>
    public InvalidationRecord Record => Source.ToRecord();
}
