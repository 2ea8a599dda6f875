using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>Stores why the newest attempt to connect failed, because the client's own exception gives no reason.</summary>
internal sealed class ConnectionAttempts
{
    private readonly Lock _gate = new();
    private long _newest;
    private Exception? _failure;

    /// <summary>Failure of the newest attempt; null if the attempt succeeded.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_gate)
                return _failure;
        }
    }

    /// <summary>Records an attempt. The client reports attempts out of order, so an older one never replaces a newer one.</summary>
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
