namespace Unstale.Redis.Resp;

/// <summary>What arrives on a connection besides the replies that callers await, in the order of the wire.</summary>
/// <param name="Kind">Which of the others are set.</param>
/// <param name="Reply">The push, or the reply to a posted command.</param>
/// <param name="Tag">What the command was posted with.</param>
/// <param name="Error">Why a posted command has no reply, or why the connection was closed.</param>
/// <param name="Lost">How many pushes are missing at this place.</param>
internal readonly record struct RespEvent(RespEventKind Kind, RespReply Reply, object? Tag, Exception? Error, int Lost)
{
    public static RespEvent Push(RespReply push) => new(RespEventKind.Push, push, null, null, 0);

    public static RespEvent Answer(object? tag, RespReply reply) => new(RespEventKind.Reply, reply, tag, null, 0);

    public static RespEvent Failure(object? tag, Exception error) => new(RespEventKind.Reply, default, tag, error, 0);

    public static RespEvent Loss(int pushes) => new(RespEventKind.Loss, default, null, null, pushes);

    public static RespEvent Closed(Exception why) => new(RespEventKind.Closed, default, null, why, 0);
}

internal enum RespEventKind
{
    /// <summary>A message of the server that answers nothing.</summary>
    Push,

    /// <summary>The outcome of a posted command. A time-out is told when it passes; the late reply is dropped.</summary>
    Reply,

    /// <summary>Pushes came faster than they were handled, and some were dropped here.</summary>
    Loss,

    /// <summary>The connection is closed. Nothing follows but the failures of what is posted to it even so.</summary>
    Closed,
}

/// <summary>Called by one thread at a time. What it does holds up no reading of the socket: that goes on on another thread.</summary>
internal delegate void RespEventHandler(RespConnection connection, in RespEvent e);
