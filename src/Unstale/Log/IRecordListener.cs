namespace Unstale.Log;

/// <summary>Hears what a node has moved past, in the order of the log. Calls come under a lock, one at a time, and must not wait.</summary>
internal interface IRecordListener
{
    /// <summary>The node stands at this record, each once; those of this node and of others alike.</summary>
    void Passed(in LogPosition position, InvalidationRecord record);

    /// <summary>The node goes on from here without having heard what came before: anything may have been invalidated.</summary>
    void Skipped(in LogPosition position);
}
