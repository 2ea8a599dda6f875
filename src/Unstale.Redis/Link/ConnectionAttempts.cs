using StackExchange.Redis;

namespace Unstale.Redis.Link;

/// <summary>Keeps why the newest attempt to connect failed: the client's exception for it gives no reason.</summary>
internal sealed class ConnectionAttempts
{
    private readonly Lock _gate = new();
    private long _newest;
    private Exception? _failure;

    /// <summary>Null after an attempt that succeeded.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_gate)
            {
                return _failure;
            }
        }
    }

    /// <summary>Attempts are told of out of order.</summary>
    public void Note(ConnectionAttemptCompletedEventArgs attempt)
    {
        lock (_gate)
        {
            if (attempt.SequenceNumber >= _newest)
            {
                _newest = attempt.SequenceNumber;
                _failure = attempt.IsSuccess ? null : attempt.Exception ?? new RedisConnectionException(attempt.FailureType, CommandFlags.None, attempt.FailureType.ToString(), null, CommandStatus.Unknown);
            }
        }
    }
}
