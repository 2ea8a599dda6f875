namespace Unstale.Log;

/// <summary>Where an appended record stands.</summary>
/// <param name="Generation">The generation it was appended to.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="PreviousId">The id of the record before it.</param>
public readonly record struct AppendReply(Generation Generation, long Sequence, long PreviousId);
