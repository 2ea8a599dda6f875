namespace Unstale.Log;

/// <summary>
/// One node's way to the log. A call whose connection was given up before its answer came throws; what it did is then unknown,
/// and it is made again: appending twice changes nothing.
/// </summary>
public interface ILogSession : IAsyncDisposable
{
    /// <summary>Appends one record. Several calls in flight may travel together; records are never merged.</summary>
    ValueTask<AppendReply> AppendAsync(int partition, InvalidationRecord record, CancellationToken cancellationToken);

    /// <summary>Confirms the node's place and reads what it misses. It writes, so that a deposed server cannot answer it.</summary>
    ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken);

    /// <summary>Starts a new generation if the history is broken, or if it still is <paramref name="instead"/>.</summary>
    ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken);

    /// <summary>Asks every node of the log to confirm its place at once, and says where each stood when it last did.</summary>
    ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken);
}
