namespace Unstale.Redis;

/// <summary>A command to Redis, or a connection, that failed.</summary>
public abstract class RespException : IOException
{
    private protected RespException(string message, bool outcomeUnknown, Exception? inner = null)
        : base(message, inner) => OutcomeUnknown = outcomeUnknown;

    /// <summary>Whether the server may have executed the command. When false, it certainly did not, or answered with an error.</summary>
    public bool OutcomeUnknown { get; }
}

/// <summary>The server answered with an error.</summary>
public sealed class RespServerException : RespException
{
    internal RespServerException(string message, RespErrorKind kind, string? command)
        : base(message, outcomeUnknown: false)
    {
        Kind = kind;
        Command = command;
    }

    /// <summary>What the error means.</summary>
    public RespErrorKind Kind { get; }

    /// <summary>The command that was answered so, or null for an error inside another reply.</summary>
    public string? Command { get; }
}

/// <summary>The server sent bytes that are no reply, or a reply beyond a limit. The connection was closed.</summary>
public sealed class RespProtocolException : RespException
{
    internal RespProtocolException(string message)
        : base(message, outcomeUnknown: true)
    {
    }
}

/// <summary>There is no connection, so nothing was sent.</summary>
public sealed class RespConnectionException : RespException
{
    internal RespConnectionException(string message, Exception? inner = null)
        : base(message, outcomeUnknown: false, inner)
    {
    }
}

/// <summary>The connection was lost after the command had been sent and before its reply came.</summary>
public sealed class RespOutcomeUnknownException : RespException
{
    internal RespOutcomeUnknownException(string message, Exception inner)
        : base(message, outcomeUnknown: true, inner)
    {
    }
}

/// <summary>No reply came in time. The connection stays: a late reply is dropped.</summary>
public sealed class RespTimeoutException : RespException
{
    internal RespTimeoutException(string message, bool sent)
        : base(message, outcomeUnknown: sent)
    {
    }
}

/// <summary>The server answered with another type than the command is known to give. The connection stays.</summary>
public sealed class RespReplyException : RespException
{
    internal RespReplyException(string message)
        : base(message, outcomeUnknown: true)
    {
    }
}
