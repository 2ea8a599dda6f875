namespace Unstale;

/// <summary>The answer to a write-through.</summary>
/// <param name="Outcome">What became of the value.</param>
/// <param name="Receipt">What became of the invalidation; of a superseded one, its position is that of the record that was there before.</param>
public readonly record struct WriteThroughResult(WriteThroughOutcome Outcome, InvalidationReceipt Receipt);
