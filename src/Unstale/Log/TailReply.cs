namespace Unstale.Log;

/// <summary>Reply of the log to a tail.</summary>
/// <param name="State">Kind of the reply.</param>
/// <param name="Generation">Generation of the log. For <see cref="TailState.Broken"/>, the generation that must not be used any more, or none.</param>
/// <param name="Sequence">Sequence of the newest record.</param>
/// <param name="LastId">Id of the newest record; 0 if there is none.</param>
/// <param name="Records">Available records above the requested cursor, in order; possibly not up to the newest.</param>
internal readonly record struct TailReply(
    TailState State, Generation Generation, long Sequence, long LastId, IReadOnlyList<LoggedRecord> Records);
