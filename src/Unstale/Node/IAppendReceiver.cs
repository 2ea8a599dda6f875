using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>Receives the outcome of each append that a batcher has sent.</summary>
internal interface IAppendReceiver
{
    /// <summary>Called with the log's reply.</summary>
    /// <param name="operation">Append with the reply.</param>
    /// <param name="reply">Position of the record.</param>
    /// <param name="snapshot">State of the node when the batch was sent.</param>
    /// <param name="connection">Connection over which the batch was sent.</param>
    void Replied(Operation operation, in AppendReply reply, in RequestSnapshot snapshot, int connection);

    /// <summary>Called when an append has no reply, so that its outcome is unknown, or was not sent.</summary>
    void Failed(Operation operation, Exception exception);
}
