namespace Unstale.Log;

/// <summary>What the log answers to a tail.</summary>
/// <param name="State">Which of the three answers it is.</param>
/// <param name="Generation">The log's generation; for <see cref="TailState.Broken"/> the one that must not be used any more, or none.</param>
/// <param name="Sequence">The sequence of the newest record.</param>
/// <param name="LastId">The id of the newest record; 0 if there is none.</param>
/// <param name="Records">The records above the asked cursor that are still kept, in order; perhaps not up to the newest.</param>
public readonly record struct TailReply(
    TailState State, Generation Generation, long Sequence, long LastId, IReadOnlyList<LoggedRecord> Records);
