using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>
/// Guarantee over a multiplexer: while the connection is open, no call that must not be executed late has ended with an unknown outcome. The
/// multiplexer reconnects silently by itself, so a connection does not represent a socket. An unknown outcome closes the connection before the caller
/// is notified. The next connection has a higher number, and the scripts refuse a set with a lower number.
/// </summary>
internal sealed partial class RedisConnection
{
    /// <summary>
    /// Reads INFO inside a script: the server on which scripts run is the one that counts, and the client treats INFO as a command of administrators.
    /// </summary>
    private const string AskInfo = "local info = redis.pcall('INFO', 'server') return type(info) == 'string' and info or false";

    private static long _numbers;

    private readonly IConnectionMultiplexer _multiplexer;
    private readonly MultiplexerPair _pair;
    private readonly RedisSettings _settings;
    private readonly InFlight _inFlight;
    private readonly IDatabase _database;
    private readonly Action<RedisConnection, string, byte[]?> _pushed;
    private readonly TaskCompletionSource<Exception> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosed;

    /// <param name="pair">The multiplexers.</param>
    /// <param name="isControl">Whether to use the control multiplexer instead of the data multiplexer.</param>
    /// <param name="settings">Limits of calls.</param>
    /// <param name="pushed">Called with each message of a channel, in order; with null in place of the message if messages were dropped.</param>
    public RedisConnection(MultiplexerPair pair, bool isControl, RedisSettings settings, Action<RedisConnection, string, byte[]?> pushed)
    {
        (_pair, _settings, _pushed) = (pair, settings, pushed);
        _multiplexer = isControl ? pair.Control : pair.Data;
        _inFlight = isControl ? pair.ControlInFlight : pair.DataInFlight;
        _database = _multiplexer.GetDatabase(pair.Database);
    }

    /// <summary>Increasing number of the connection within this process.</summary>
    public long Number { get; } = Interlocked.Increment(ref _numbers);

    /// <summary>Name of the server in messages.</summary>
    public string Place => _settings.Place;

    /// <summary>State of the server when the connection was made.</summary>
    public RedisServerInfo Server { get; private set; } = RedisServerInfo.Unknown;

    public bool IsOpen => Volatile.Read(ref _isClosed) == 0;

    /// <summary>Completes with the reason when the connection is closed.</summary>
    public Task<Exception> WhenClosed => _closed.Task;

    /// <summary>Time limit of calls for which the caller gives none.</summary>
    public TimeSpan CommandTimeout => _settings.RequestTimeout;

    /// <summary>Server that holds the keys; null before <see cref="CheckAsync"/> has found one.</summary>
    public IServer? Holder { get; private set; }

    public void Close(Exception reason)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            _closed.TrySetResult(reason);
    }

    /// <summary>Finds the server that holds a key, and reads the identity of the server.</summary>
    /// <exception cref="CallException">The server cannot be reached, or is a replica.</exception>
    public async Task CheckAsync(string key, CancellationToken ct)
    {
        var (holder, info) = await FindAsync(key, ct).ConfigureAwait(false);
        await CheckUserAsync(holder, ct).ConfigureAwait(false);
        Holder = holder;
        Server = info;
        if (Server.Mode == "sentinel")
            throw Errors.ServerIsSentinel(Place);
    }

    /// <summary>Finds the server that holds a key now. A failover or a moved slot may have replaced the server since the link was made.</summary>
    /// <exception cref="CallException">The server cannot be reached, or is a replica.</exception>
    public async Task<(IServer Holder, RedisServerInfo Info)> FindAsync(string key, CancellationToken ct)
    {
        Find(key);
        string? info = null;
        try
        {
            info = (string?)await _database.ScriptEvaluateAsync(AskInfo, [key], flags: CommandFlags.DemandMaster | CommandFlags.NoScriptCache)
                .WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (RedisServerException denied) when (ServerErrors.KindOf(denied.Message) is CallErrorKind.NoPermission or CallErrorKind.Other)
        {
            // The user may be allowed to publish only.
        }
        catch (Exception why) when (why is not OperationCanceledException)
        {
            throw Meaning("INFO", why);
        }

        // Before the call, the client may route to any server of a cluster in place of one not yet discovered. A redirected call has corrected the route.
        var holder = Find(key);
        return (holder, RedisServerInfo.Parse(info, holder.Version, holder.IsReplica));
    }

    /// <summary>Returns one page of the keys on the given server. A command without a key would be routed to any server of a cluster.</summary>
    public async Task<(string Cursor, byte[][] Keys)> ScanAsync(IServer holder, string cursor, byte[] match, int count, CancellationToken ct)
    {
        try
        {
            var reply = await holder.ExecuteAsync(_pair.Database, "SCAN", [cursor, "MATCH", match, "COUNT", count])
                .WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
            return ((string)reply[0]!, (byte[][])reply[1]!);
        }
        catch (Exception why) when (why is not OperationCanceledException)
        {
            throw Meaning("SCAN", why);
        }
    }

    /// <summary>
    /// Loads scripts on the server, so that concurrent calls are executed in the order of their submission. If loading is denied, the first call
    /// sends the source.
    /// </summary>
    public async Task LoadAsync(IReadOnlyList<RedisScript> scripts, CancellationToken ct)
    {
        try
        {
            await Task.WhenAll(scripts.Select(script => Holder!.ExecuteAsync("SCRIPT", "LOAD", script.Source)))
                .WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (Exception denied) when (denied is RedisServerException or RedisCommandException)
        {
            // Denied, or not supported by the server.
        }
        catch (Exception why) when (why is not OperationCanceledException)
        {
            throw Meaning("SCRIPT LOAD", why);
        }
    }

    /// <summary>Executes a call. An error reply is thrown.</summary>
    public ValueTask<RedisReply> CallAsync(RedisCall call, CancellationToken ct = default) => CallAsync(call, CommandTimeout, ct);

    /// <summary>Executes a call. An error reply is thrown. Cancellation ends the wait, never the call.</summary>
    /// <param name="call">The call. The caller disposes the call.</param>
    /// <param name="limit">Maximum time to wait.</param>
    /// <param name="ct">Cancels the wait.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisReply> CallAsync(RedisCall call, TimeSpan limit, CancellationToken ct = default)
    {
        using var result = await RunAsync(call, call.Bytes, ClosedByCall(call), call.Name, static (c, db) => c.SendAsync(db), limit, ct).ConfigureAwait(false);
        return RedisReply.From(result);
    }

    /// <summary>Executes a script whose hash is unknown to the server.</summary>
    /// <inheritdoc cref="CallAsync(RedisCall, TimeSpan, CancellationToken)"/>
    public async ValueTask<RedisReply> CallWithSourceAsync(RedisCall call, TimeSpan limit, CancellationToken ct = default)
    {
        using var result = await RunAsync(call, call.Bytes, ClosedByCall(call), "EVAL", static (c, db) => c.SendSourceAsync(db), limit, ct).ConfigureAwait(false);
        return RedisReply.From(result);
    }

    /// <summary>Reads a string into leased memory that the caller returns; null if there is none.</summary>
    public ValueTask<Lease<byte>?> GetAsync(RedisKey key, CancellationToken ct) =>
        RunAsync(key, 64, ClosedBy.Loss, "GET", static (k, db) => db.StringGetLeaseAsync(k, CommandFlags.DemandMaster | CommandFlags.CommandRetryNever), CommandTimeout, ct);

    /// <summary>Publishes a message and returns the number of subscribers on the server that received it. Never closes the connection.</summary>
    public ValueTask<long> PublishAsync(string channel, ReadOnlyMemory<byte> payload, TimeSpan limit, CancellationToken ct) => RunAsync(
        (Subscriber: _multiplexer.GetSubscriber(), channel, payload), payload.Length, ClosedBy.Nothing, "PUBLISH",
        static (s, _) => s.Subscriber.PublishAsync(RedisChannel.Literal(s.channel), s.payload, CommandFlags.CommandRetryNever), limit, ct);

    /// <summary>
    /// Checks that the client is authenticated as the configured user. If the password is rejected, the client continues as the default user where the
    /// default user has no password.
    /// </summary>
    private async Task CheckUserAsync(IServer holder, CancellationToken ct)
    {
        if (_settings.User is not { } user)
            return;

        try
        {
            var actual = await holder.ExecuteAsync("ACL", "WHOAMI").WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
            if ((string?)actual != user)
                throw Errors.HandshakeRefused(Place, user, CallErrorKind.WrongPassword);
        }
        catch (RedisServerException)
        {
            // Denied, or not supported by the server.
        }
        catch (Exception why) when (why is not (OperationCanceledException or CallException))
        {
            throw Meaning("ACL", why);
        }
    }

    private IServer Find(string key)
    {
        try
        {
            if (_multiplexer.GetServer(key, flags: CommandFlags.DemandMaster) is { IsConnected: true } holder)
                return holder;
        }
        catch (Exception why) when (why is RedisException or ArgumentException or InvalidOperationException)
        {
            // None of the servers is a reachable master.
        }

        throw Array.Exists(_multiplexer.GetServers(), static s => s is { IsConnected: true, IsReplica: true })
            ? Errors.ServerIsReplica(Place)
            : Errors.NotConnected(Place, null);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> RunAsync<TState, T>(
        TState state, int bytes, ClosedBy closedBy, string name, Func<TState, IDatabase, Task<T>> send, TimeSpan limit, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!IsOpen)
            throw Errors.NotSent(name, Place, Errors.ClosedHere(Place));

        Task<T>? sent = null;
        try
        {
            await _inFlight.EnterAsync(bytes, limit, ct).ConfigureAwait(false);
            T result;
            try
            {
                sent = send(state, _database);
                result = await WithinAsync(sent, limit, ct).ConfigureAwait(false);
            }
            finally
            {
                LeaveWhenDone(sent, bytes);
            }

            if (!IsOpen)
            {
                // A result over a closed connection cannot be trusted.
                (result as IDisposable)?.Dispose();
                throw Errors.OutcomeUnknown(name, Place, Errors.ClosedHere(Place));
            }

            return result;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            End(state, sent, closedBy, isLost: false, Errors.Abandoned(name, Place));
            throw;
        }
        catch (Exception why) when (why is not CallException)
        {
            var meaning = sent is null && why is TimeoutException and not RedisTimeoutException ? Errors.Timeout(name, Place, sent: false) : Meaning(name, why);
            End(state, sent, closedBy, isLost: why is RedisConnectionException, meaning);
            throw meaning;
        }
    }

    /// <summary>
    /// Runs before the caller is notified. A call that may still be executed retains its buffer, and closes the connection if the call must not be executed
    /// late. A lost connection is closed too, because pushes may be lost as well.
    /// </summary>
    private void End<TState>(TState state, Task? sent, ClosedBy closedBy, bool isLost, CallException why)
    {
        if (sent is not null && (!sent.IsCompleted || why.OutcomeUnknown))
            (state as RedisCall)?.Abandon();

        if ((isLost && closedBy != ClosedBy.Nothing) || (closedBy == ClosedBy.UnknownOutcome && sent is not null && why.OutcomeUnknown))
            Close(why);
    }

    private void LeaveWhenDone(Task? sent, int bytes)
    {
        if (sent is null || sent.IsCompleted)
        {
            Leave(sent, bytes);
            return;
        }

        _ = sent.ContinueWith(
            static (task, state) =>
            {
                var (connection, size) = ((RedisConnection, int))state!;
                connection.Leave(task, size);
            },
            (this, bytes), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Leave(Task? sent, int bytes)
    {
        if (sent is null)
        {
            _inFlight.Withdrawn(bytes);
        }
        else if (sent.IsCompletedSuccessfully || sent.Exception?.InnerException is RedisServerException)
        {
            _inFlight.Completed(bytes);
        }
        else
        {
            _inFlight.Abandoned(bytes); // reading the exception observes it, and no caller may be left for this
        }
    }

    private static ClosedBy ClosedByCall(RedisCall call) => call.IsFenced ? ClosedBy.UnknownOutcome : ClosedBy.Loss;

    private Task<T> WithinAsync<T>(Task<T> sent, TimeSpan limit, CancellationToken ct) =>
        sent.IsCompleted ? sent
        : !_pair.EndsCallsInTime || limit < CommandTimeout ? sent.WaitAsync(limit, _settings.TimeProvider, ct)
        : ct.CanBeCanceled ? sent.WaitAsync(ct)
        : sent;

    private CallException Meaning(string name, Exception why) => ServerErrors.Meaning(name, _settings, why);
}
