using Unstale.Boundary;

namespace Unstale.Redis.Resp;

/// <summary>
/// One socket that many callers share. Commands go out in the order of the calls and replies are matched by that order alone, so
/// every command that went out keeps its place until its reply has come, whether or not someone still waits for it.
/// </summary>
internal sealed partial class RespConnection : IAsyncDisposable, IThreadPoolWorkItem
{
    private static long _numbers;

    private readonly Lock _gate = new();
    private readonly Queue<RespCall> _inFlight = new();
    private readonly Queue<RespCall> _waiting = new();
    private readonly RespOptions _options;
    private readonly GuardedTime _time;
    private readonly Stream _stream;
    private readonly RespInbox? _inbox;
    private readonly ITimer _sweep;
    private readonly TaskCompletionSource<Exception> _whenClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytesInFlight;
    private bool _sweeping;
    private Exception? _closed;

    private RespConnection(Stream stream, RespEndPoint endPoint, RespOptions options, RespEventHandler? handler)
    {
        _stream = stream;
        _options = options;
        _time = options.TimeProvider;
        EndPoint = endPoint;
        Number = Interlocked.Increment(ref _numbers);
        Name = $"{endPoint} (connection {Number})";
        _inbox = handler is null ? null : new RespInbox(this, handler, options.PushCapacity);
        _parser = new RespParser(options.Limits);
        _afterRead = AfterRead;
        _received = _time.GetTimestamp();
        _sweep = _time.CreateTimer(static connection => ((RespConnection)connection!).SweepTimeouts(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rises from connection to connection of this process.</summary>
    public long Number { get; }

    public RespEndPoint EndPoint { get; }

    /// <summary>The server and the number, for messages.</summary>
    public string Name { get; }

    /// <summary>What the server said about itself when the connection was made.</summary>
    public RespServerInfo Server { get; private set; } = RespServerInfo.Unknown;

    /// <summary>When its credentials are to be renewed, counted from the handshake.</summary>
    public TimeSpan? RenewAfter { get; private set; }

    /// <summary>Ends, with the reason, when the connection is closed.</summary>
    public Task<Exception> WhenClosed => _whenClosed.Task;

    public bool IsOpen => Volatile.Read(ref _closed) is null;

    /// <summary>The time since the server last sent anything.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _received));

    /// <summary>How long a caller waits who names no limit.</summary>
    public TimeSpan CommandTimeout => _options.CommandTimeout;

    /// <summary>The bytes of the commands that have no reply yet.</summary>
    public long BytesInFlight
    {
        get
        {
            lock (_gate)
            {
                return _bytesInFlight;
            }
        }
    }

    /// <summary>Connects, shakes hands and learns what the server is. Pushes go to the handler from the first byte on.</summary>
    public static async Task<RespConnection> ConnectAsync(
        RespEndPoint endPoint, RespOptions options, RespEventHandler? handler = null, CancellationToken ct = default)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        RespConnection? connection = null;
        try
        {
            var stream = await RespTransport.OpenAsync(endPoint, options, both.Token).ConfigureAwait(false);
            connection = new RespConnection(stream, endPoint, options, handler);
            connection.StartReading();
            var credentials = await RespHandshake.CredentialsAsync(endPoint, options, both.Token).ConfigureAwait(false);
            connection.RenewAfter = credentials?.RenewAfter;
            connection.Server = await RespHandshake.RunAsync(connection, options, credentials, both.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception error)
        {
            connection?.Close(error);
            if (error is OperationCanceledException && !ct.IsCancellationRequested)
            {
                throw Errors.ConnectTimeout(endPoint, options.ConnectTimeout);
            }

            // The connection knows better than the command that it took along.
            if (connection?._closed is { } reason && reason != error)
            {
                throw Errors.HandshakeBroken(endPoint, reason);
            }

            throw;
        }
    }

    /// <summary>
    /// Sends a command and gives its reply; an error reply is thrown. Cancelling ends the waiting, never the command.
    /// The command is disposed by its maker, after the reply.
    /// </summary>
    public ValueTask<RespReply> CallAsync(RespCommand command, CancellationToken ct = default) =>
        CallAsync(command, _options.CommandTimeout, ct);

    /// <summary>The same with a limit of its own.</summary>
    public ValueTask<RespReply> CallAsync(RespCommand command, TimeSpan timeout, CancellationToken ct = default)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<RespReply>(ct);
        }

        return Start(RespCall.Awaited(this, command.Name), command, timeout, ct);
    }

    /// <summary>Subscribes to a channel; ends when the server has confirmed it.</summary>
    public ValueTask<RespReply> SubscribeAsync(string channel, CancellationToken ct = default) => SubscriptionAsync("SUBSCRIBE", channel, ct);

    public ValueTask<RespReply> UnsubscribeAsync(string channel, CancellationToken ct = default) => SubscriptionAsync("UNSUBSCRIBE", channel, ct);

    /// <summary>Sends a command whose outcome goes to the handler, in order with the pushes. It does not wait for room.</summary>
    public void Post(RespCommand command, object? tag, TimeSpan? timeout = null) =>
        Enqueue(RespCall.Posted(this, command.Name, tag, null), command, timeout ?? _options.CommandTimeout);

    /// <summary>The same for a subscription.</summary>
    public void PostSubscribe(string channel, object? tag)
    {
        using var command = RespCommand.Create("SUBSCRIBE").Arg(channel);
        Enqueue(RespCall.Posted(this, command.Name, tag, ChannelBytes(channel)), command, _options.CommandTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        Close(Errors.ClosedHere(Name));
        await _whenClosed.Task.ConfigureAwait(false);
    }

    private static byte[] ChannelBytes(string channel) => System.Text.Encoding.UTF8.GetBytes(channel);

    private async ValueTask<RespReply> SubscriptionAsync(string name, string channel, CancellationToken ct)
    {
        using var command = RespCommand.Create(name).Arg(channel);
        return await Start(RespCall.Awaited(this, name, ChannelBytes(channel)), command, _options.CommandTimeout, ct).ConfigureAwait(false);
    }

    private ValueTask<RespReply> Start(RespCall call, RespCommand command, TimeSpan timeout, CancellationToken ct)
    {
        Enqueue(call, command, timeout);
        call.CancelWith(ct);
        return call.Result;
    }
}
