namespace Unstale.Log;

/// <summary>A record at its place in one generation of the log.</summary>
/// <param name="Sequence">Dense, from 1.</param>
/// <param name="PreviousId">The id of the record before it, 0 for the first: the chain that shows a fork.</param>
/// <param name="Record">The record.</param>
public readonly record struct LoggedRecord(long Sequence, long PreviousId, InvalidationRecord Record);
