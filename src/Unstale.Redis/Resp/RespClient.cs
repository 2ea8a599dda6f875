using Unstale.Boundary;

namespace Unstale.Redis.Resp;

/// <summary>
/// Keeps one connection to a server: makes it, prepares it, watches it and makes it again. Calls never wait for a connection: without
/// one they fail at once and nothing was sent.
/// </summary>
internal sealed class RespClient : IAsyncDisposable
{
    private readonly RespOptions _options;
    private readonly RespEventHandler? _handler;
    private readonly Func<RespConnection, CancellationToken, ValueTask>? _prepare;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource<RespConnection> _next = NewSource();
    private RespConnection? _current;
    private Task? _run;

    /// <param name="options">The server and how to speak to it.</param>
    /// <param name="handler">Gets the pushes and the outcomes of posted commands of every connection.</param>
    /// <param name="prepare">Runs on each new connection before anyone else gets it; a failure counts as one to connect.</param>
    public RespClient(RespOptions options, RespEventHandler? handler = null, Func<RespConnection, CancellationToken, ValueTask>? prepare = null)
    {
        _options = options;
        _handler = handler;
        _prepare = prepare;
    }

    /// <summary>A connection is ready: its number.</summary>
    public event Action<long>? Connected;

    /// <summary>A connection that was ready is closed: its number and why.</summary>
    public event Action<long, Exception>? Disconnected;

    /// <summary>An attempt to connect failed, and another will follow.</summary>
    public event Action<Exception>? ConnectFailed;

    /// <summary>The connection of the moment, or null.</summary>
    public RespConnection? Current => Volatile.Read(ref _current) is { IsOpen: true } connection ? connection : null;

    /// <summary>Why there is no connection, from the last attempt.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Begins to connect, and never gives up until disposed.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _run ??= WithoutExecutionContext.Run(RunAsync);
        }
    }

    /// <summary>The connection, as soon as there is one. Fails after the limit, with the reason of the last attempt.</summary>
    public async Task<RespConnection> ConnectedAsync(TimeSpan limit, CancellationToken ct = default)
    {
        Task<RespConnection> next;
        lock (_gate)
        {
            if (_next.Task.IsCompletedSuccessfully && Current is null)
            {
                _next = NewSource();
            }

            next = _next.Task;
        }

        try
        {
            return await next.WaitAsync(limit, _options.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Errors.NotConnected(_options.EndPoint, LastFailure);
        }
    }

    public ValueTask<RespReply> CallAsync(RespCommand command, CancellationToken ct = default) =>
        Current is { } connection
            ? connection.CallAsync(command, ct)
            : ValueTask.FromException<RespReply>(Errors.NotConnected(_options.EndPoint, LastFailure));

    public ValueTask<RespReply> CallAsync(RespScript script, RespCommand command, CancellationToken ct = default) =>
        Current is { } connection
            ? script.CallAsync(connection, command, ct)
            : ValueTask.FromException<RespReply>(Errors.NotConnected(_options.EndPoint, LastFailure));

    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        if (_run is { } run)
        {
            await run.ConfigureAwait(false);
        }

        _next.TrySetException(Errors.NotConnected(_options.EndPoint, LastFailure));
        _ = _next.Task.Exception;
        _stop.Dispose();
    }

    private static TaskCompletionSource<RespConnection> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        var attempt = 0;
        while (!_stop.IsCancellationRequested)
        {
            var began = _options.TimeProvider.GetTimestamp();
            await OnceAsync().ConfigureAwait(false);

            // A server that takes connections only to drop them counts as one that cannot be reached.
            var lasted = _options.TimeProvider.GetElapsedTime(began) > _options.Backoff.Longest + _options.ConnectTimeout;
            attempt = lasted ? 1 : attempt + 1;
            await PauseAsync(_options.Backoff.After(attempt, Random.Shared.NextDouble())).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(TimeSpan pause) =>
        await Task.Delay(pause, _options.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task OnceAsync()
    {
        RespConnection? connection = null;
        try
        {
            connection = await RespConnection.ConnectAsync(_options.EndPoint, _options, _handler, _stop.Token).ConfigureAwait(false);
            if (_prepare is not null)
            {
                await _prepare(connection, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            connection?.Close(error);
            if (!_stop.IsCancellationRequested)
            {
                LastFailure = error;
                Tell(connection, () => ConnectFailed?.Invoke(error));
            }

            return;
        }

        Publish(connection);
        Tell(connection, () => Connected?.Invoke(connection.Number));
        var reason = await RespKeepAlive.WatchAsync(connection, _options, _stop.Token).ConfigureAwait(false);
        Withdraw(reason);
        Tell(connection, () => Disconnected?.Invoke(connection.Number, reason));
    }

    /// <summary>A subscriber that fails must not end the reconnecting: the connection it was told of is closed instead.</summary>
    private void Tell(RespConnection? connection, Action subscribers)
    {
        try
        {
            subscribers();
        }
        catch (Exception error)
        {
            LastFailure = error;
            connection?.Close(Errors.HandlerFailed(connection.Name, error));
        }
    }

    private void Publish(RespConnection connection)
    {
        lock (_gate)
        {
            Volatile.Write(ref _current, connection);
            _next.TrySetResult(connection);
        }
    }

    private void Withdraw(Exception reason)
    {
        lock (_gate)
        {
            LastFailure = reason;
            Volatile.Write(ref _current, null);
            // Who saw it closed before this already waits on a new one.
            _next = _next.Task.IsCompleted ? NewSource() : _next;
        }
    }
}
