namespace Unstale;

/// <summary>Result of a write-through.</summary>
/// <param name="Outcome">Outcome for the value.</param>
/// <param name="Receipt">Receipt of the invalidation. If the write was superseded, its position is that of the existing record.</param>
public readonly record struct WriteThroughResult(WriteThroughOutcome Outcome, InvalidationReceipt Receipt);
