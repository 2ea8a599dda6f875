namespace Unstale.Redis.Connection;

/// <summary>Failure of a call to Redis, or of a connection.</summary>
internal abstract class CallException : IOException
{
    private protected CallException(string message, bool outcomeUnknown, Exception? inner = null)
        : base(message, inner) => OutcomeUnknown = outcomeUnknown;

    /// <summary>Whether the server may have executed the call. If false, the server did not execute the call, or returned an error.</summary>
    public bool OutcomeUnknown { get; }
}

/// <summary>The server returned an error.</summary>
internal sealed class CallRefusedException(string message, CallErrorKind kind, Exception? inner = null) : CallException(message, outcomeUnknown: false, inner)
{
    public CallErrorKind Kind => kind;
}

/// <summary>There is no connection, so nothing was sent.</summary>
internal sealed class NoConnectionException(string message, Exception? inner = null) : CallException(message, outcomeUnknown: false, inner);

/// <summary>The connection was lost after the call may have been sent and before its reply arrived.</summary>
internal sealed class OutcomeUnknownException(string message, Exception? inner) : CallException(message, outcomeUnknown: true, inner);

/// <summary>No reply arrived in time.</summary>
internal sealed class CallTimeoutException(string message, bool sent, Exception? inner = null) : CallException(message, outcomeUnknown: sent, inner);

/// <summary>The server returned a reply of another type than the call returns.</summary>
internal sealed class UnexpectedReplyException(string message) : CallException(message, outcomeUnknown: true);
