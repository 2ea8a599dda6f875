namespace Unstale.Redis.Link;

/// <summary>A call to Redis, or a connection, that failed.</summary>
internal abstract class CallException : IOException
{
    private protected CallException(string message, bool outcomeUnknown, Exception? inner = null)
        : base(message, inner) => OutcomeUnknown = outcomeUnknown;

    /// <summary>Whether the server may have executed the call. When false, it certainly did not, or answered with an error.</summary>
    public bool OutcomeUnknown { get; }
}

/// <summary>The server answered with an error.</summary>
internal sealed class CallRefusedException(string message, CallErrorKind kind, Exception? inner = null) : CallException(message, outcomeUnknown: false, inner)
{
    public CallErrorKind Kind => kind;
}

/// <summary>There is no connection, so nothing was sent.</summary>
internal sealed class NoConnectionException(string message, Exception? inner = null) : CallException(message, outcomeUnknown: false, inner);

/// <summary>The connection was lost after the call may have been sent and before its reply came.</summary>
internal sealed class OutcomeUnknownException(string message, Exception? inner) : CallException(message, outcomeUnknown: true, inner);

/// <summary>No reply came in time.</summary>
internal sealed class CallTimeoutException(string message, bool sent, Exception? inner = null) : CallException(message, outcomeUnknown: sent, inner);

/// <summary>The server answered with another type than the call is known to give.</summary>
internal sealed class UnexpectedReplyException(string message) : CallException(message, outcomeUnknown: true);
