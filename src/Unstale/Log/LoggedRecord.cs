namespace Unstale.Log;

/// <summary>Record at its position in one generation of the log.</summary>
/// <param name="Sequence">Consecutive number of the record, from 1.</param>
/// <param name="PreviousId">Id of the preceding record; 0 for the first. The chain of ids reveals a fork.</param>
/// <param name="Record">Record at this position.</param>
internal readonly record struct LoggedRecord(long Sequence, long PreviousId, InvalidationRecord Record);
