namespace Unstale.Log;

/// <summary>
/// Session of one node with a log. A call throws if its connection is abandoned before the reply arrives. The outcome of the call is then unknown,
/// and the node repeats the call: a repeated append has no further effect.
/// </summary>
internal interface ILogSession : IAsyncDisposable
{
    /// <summary>Appends one record. Concurrent calls may be sent together; records are never merged.</summary>
    ValueTask<AppendReply> AppendAsync(int partition, InvalidationRecord record, CancellationToken cancellationToken);

    /// <summary>
    /// Confirms the node's position and reads the records the node is missing. The call writes, so that a deposed server cannot reply to it.
    /// </summary>
    ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken);

    /// <summary>Starts a new generation if the history is broken, or if the current generation is still <paramref name="instead"/>.</summary>
    ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken);

    /// <summary>Requests an immediate confirmation from every node of the log, and returns the last confirmed position of each.</summary>
    ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken);
}
