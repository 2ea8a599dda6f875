namespace Unstale.Log;

/// <summary>Session with a log in the memory of this process.</summary>
internal interface ILocalSession
{
    /// <summary>Appends one record before the call returns.</summary>
    AppendReply Append(InvalidationRecord record);

    /// <summary>
    /// Appends a record without a version directly after a sequence, if no other record has this place, and no other session must receive the record.
    /// Never waits, so a caller may hold the lock of its horizon.
    /// </summary>
    /// <param name="after">Sequence of the last record known to the caller.</param>
    /// <param name="id">Id of the record.</param>
    /// <param name="isEverything">Whether the record invalidates everything.</param>
    /// <param name="record">Record, or an object from which one is created when another session opens.</param>
    /// <returns>False if nothing was appended.</returns>
    bool TryAppendNext(long after, long id, bool isEverything, IRecordSource record);
}
