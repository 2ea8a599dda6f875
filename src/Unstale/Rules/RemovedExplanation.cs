namespace Unstale.Rules;

/// <summary>The value of a key that was held last and went.</summary>
/// <param name="Cause">Why it went.</param>
/// <param name="Ago">How long ago, by a clock that only rises. What is invalidated goes with the next read, or with a sweep soon after.</param>
/// <param name="Position">The position it was true as of; null if it is of a history that is forgotten.</param>
/// <param name="TakenBy">The first record that took it, if it was invalidated and the record is still remembered.</param>
public sealed record RemovedExplanation(RemovalCause Cause, TimeSpan Ago, LogPosition? Position, ExplainedRecord? TakenBy);
