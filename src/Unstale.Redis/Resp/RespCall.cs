using System.Threading.Tasks.Sources;

namespace Unstale.Redis.Resp;

/// <summary>
/// A command's place in the row of replies. Two hold it: the connection until the reply has come or the connection is closed, and
/// whoever gets the outcome until it is taken or handed to the inbox. After both it serves the next command.
/// </summary>
internal sealed class RespCall : IValueTaskSource<RespReply>
{
    private const int Pooled = 4096;

    private ManualResetValueTaskSourceCore<RespReply> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private RespConnection? _connection;
    private int _holders;

    private RespCall()
    {
    }

    /// <summary>Where the call stands; read and written under the lock of its connection.</summary>
    public RespCallState State { get; set; }

    public string Name { get; private set; } = "";

    public int Bytes { get; set; }

    /// <summary>Where the command begins in all that the connection has sent and will send.</summary>
    public long Offset { get; set; }

    /// <summary>The timestamp after which the caller no longer waits.</summary>
    public long Deadline { get; set; }

    /// <summary>The command while it waits for room.</summary>
    public RespCommand? Command { get; set; }

    /// <summary>For (un)subscribing, whose reply is a push: the channel.</summary>
    public byte[]? Channel { get; private set; }

    /// <summary>Whether the reply goes through the inbox, in order with the pushes, and not to an awaiting caller.</summary>
    public bool Ordered { get; private set; }

    public object? Tag { get; private set; }

    public ValueTask<RespReply> Result => new(this, _core.Version);

    public static RespCall Awaited(RespConnection connection, string name, byte[]? channel = null) => Take(connection, name, channel);

    public static RespCall Posted(RespConnection connection, string name, object? tag, byte[]? channel)
    {
        var call = Take(connection, name, channel);
        call.Ordered = true;
        call.Tag = tag;
        return call;
    }

    /// <summary>Called after the call has been handed to its connection and before the caller has it.</summary>
    public void CancelWith(CancellationToken token)
    {
        if (!token.CanBeCanceled)
        {
            return;
        }

        _token = token;
        _cancellation = token.UnsafeRegister(static call => ((RespCall)call!).Cancel(), this);
    }

    /// <summary>The caller goes on before this returns.</summary>
    public void Succeed(in RespReply reply)
    {
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(reply);
    }

    /// <summary>The caller goes on on the pool: whoever ends a wait may be anyone.</summary>
    public void Fail(Exception error)
    {
        _core.RunContinuationsAsynchronously = true;
        _core.SetException(error);
    }

    public void Release()
    {
        // The last of two holders gives it back; which one that is, is open.
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return;
        }

        _core.Reset();
        _connection = null;
        Command = null;
        Channel = null;
        Tag = null;
        Ordered = false;
        RespPool<RespCall>.Give(this, Pooled);
    }

    public RespReply GetResult(short token)
    {
        if (token == _core.Version)
        {
            // Waits for a cancellation that runs right now, so none meets the next user of this object.
            _cancellation.Dispose();
            _cancellation = default;
            _token = default;
        }

        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            if (token == _core.Version)
            {
                Release();
            }
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private static RespCall Take(RespConnection connection, string name, byte[]? channel)
    {
        var call = RespPool<RespCall>.TryTake() ?? new RespCall();
        call._connection = connection;
        call._holders = 2;
        call.Name = name;
        call.Channel = channel;
        call.State = RespCallState.Waiting;
        return call;
    }

    private void Cancel() => _connection?.Abandon(this, new OperationCanceledException(_token));
}

/// <summary>The way of a call: waiting for room, sent or about to be, its reply no longer wanted, over.</summary>
internal enum RespCallState : byte
{
    Waiting,
    InFlight,
    Abandoned,
    Over,
}
