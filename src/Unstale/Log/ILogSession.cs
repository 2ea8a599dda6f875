namespace Unstale.Log;

/// <summary>
/// Session of one node with a log. A call throws if its connection is abandoned before the reply arrives. The outcome of the call is then unknown,
/// and the node repeats the call: a repeated append has no further effect.
/// </summary>
internal interface ILogSession : IAsyncDisposable
{
    /// <summary>
    /// Maximum size of a batch in bytes, by an approximate size of each record. A larger record is passed alone. Default: 65,536.
    /// </summary>
    int MaximumBatchBytes => 64 << 10;

    /// <summary>
    /// Appends a batch of records in one call, in order, as separate records with consecutive sequences: all of them or none. The node decides the
    /// batches; at most two calls are in flight at once.
    /// </summary>
    /// <param name="partition">Number of the partition.</param>
    /// <param name="records">
    /// One to 128 records, of at most 1,000 targets together if there are several. A record with a version is passed alone. The memory is reused after
    /// the returned task has completed.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait. The records may be appended nevertheless.</param>
    /// <returns>Reply for the first record.</returns>
    ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken);

    /// <summary>
    /// Confirms the node's position and reads the records the node is missing. The call writes, so that a deposed server cannot reply to it.
    /// </summary>
    ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken);

    /// <summary>Starts a new generation if the history is broken, or if the current generation is still <paramref name="instead"/>.</summary>
    ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken);

    /// <summary>Requests an immediate confirmation from every node of the log, and returns the last confirmed position of each.</summary>
    ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the number of values removed from the second level because a selector of the record at the position invalidated them. A log without a
    /// second level has nothing to remove.
    /// </summary>
    ValueTask<RemovedValues> RemovedValuesAsync(LogPosition position, CancellationToken cancellationToken) => new(RemovedValues.None);
}
