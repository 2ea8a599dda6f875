using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Unstale.Redis.Link;

/// <summary>
/// A promise over a multiplexer: while it is open, no call over it that could come late has ended with an unknown outcome. The multiplexer
/// reconnects by itself and without a word, so the connection stands for no socket. An outcome that stays unknown closes it before the caller is
/// told; the next one has a higher number, and the scripts refuse a set of a lower one.
/// </summary>
internal sealed partial class RedisConnection
{
    /// <summary>The server as scripts see it, which is what counts; and the client takes INFO for a command of administrators.</summary>
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
    /// <param name="isControl">Which one.</param>
    /// <param name="settings">Limits of calls.</param>
    /// <param name="pushed">Given each message of a channel, in order; null in place of the message for some that were dropped.</param>
    public RedisConnection(MultiplexerPair pair, bool isControl, RedisSettings settings, Action<RedisConnection, string, byte[]?> pushed)
    {
        (_pair, _settings, _pushed) = (pair, settings, pushed);
        _multiplexer = isControl ? pair.Control : pair.Data;
        _inFlight = isControl ? pair.ControlInFlight : pair.DataInFlight;
        _database = _multiplexer.GetDatabase(pair.Database);
    }

    /// <summary>Rises from connection to connection of this process.</summary>
    public long Number { get; } = Interlocked.Increment(ref _numbers);

    /// <summary>Names the server in messages.</summary>
    public string Place => _settings.Place;

    /// <summary>The server when the connection was made.</summary>
    public RedisServerInfo Server { get; private set; } = RedisServerInfo.Unknown;

    public bool IsOpen => Volatile.Read(ref _isClosed) == 0;

    /// <summary>Ends, with the reason, when the connection is closed.</summary>
    public Task<Exception> WhenClosed => _closed.Task;

    /// <summary>How long a caller waits who names no limit.</summary>
    public TimeSpan CommandTimeout => _settings.RequestTimeout;

    /// <summary>The server that holds the keys; null while none does.</summary>
    public IServer? Holder { get; private set; }

    public void Close(Exception reason)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _closed.TrySetResult(reason);
        }
    }

    /// <summary>Finds the server that holds a key, and reads who it is.</summary>
    /// <exception cref="CallException">It is not there, or is a replica.</exception>
    public async Task GreetAsync(string key, CancellationToken ct)
    {
        var (holder, info) = await FindAsync(key, ct).ConfigureAwait(false);
        await CheckUserAsync(holder, ct).ConfigureAwait(false);
        Holder = holder;
        Server = info;
        if (Server.Mode == "sentinel")
        {
            throw Errors.ServerIsSentinel(Place);
        }
    }

    /// <summary>The server that holds a key now, which a failover or a moved slot may have replaced since the link was made.</summary>
    /// <exception cref="CallException">It is not there, or is a replica.</exception>
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
            // A user who may only publish.
        }
        catch (Exception why) when (why is not OperationCanceledException)
        {
            throw Meaning("INFO", why);
        }

        // Before the call a cluster's client may take any server for one that it has not found yet; a redirected call has corrected it.
        var holder = Find(key);
        return (holder, RedisServerInfo.Read(info, holder.Version, holder.IsReplica));
    }

    /// <summary>One page of the keys that a server itself holds: a command without a key goes to any server of a cluster.</summary>
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

    /// <summary>Makes scripts known to the server, so that calls that are made at once are executed in their order. Where it is denied, the first call brings the source.</summary>
    public async Task LoadAsync(IReadOnlyList<RedisScript> scripts, CancellationToken ct)
    {
        try
        {
            await Task.WhenAll(scripts.Select(script => Holder!.ExecuteAsync("SCRIPT", "LOAD", script.Source)))
                .WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (Exception denied) when (denied is RedisServerException or RedisCommandException)
        {
            // Denied, or not known there.
        }
        catch (Exception why) when (why is not OperationCanceledException)
        {
            throw Meaning("SCRIPT LOAD", why);
        }
    }

    /// <summary>Runs a call. An error reply is thrown.</summary>
    public ValueTask<RedisReply> CallAsync(RedisCall call, CancellationToken ct = default) => CallAsync(call, CommandTimeout, ct);

    /// <summary>Runs a call. An error reply is thrown. Cancelling ends the waiting, never the call.</summary>
    /// <param name="call">The call; its maker disposes it.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="ct">Ends the waiting.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisReply> CallAsync(RedisCall call, TimeSpan limit, CancellationToken ct = default)
    {
        using var result = await RunAsync(call, call.Bytes, ClosedByCall(call), call.Name, static (c, db) => c.SendAsync(db), limit, ct).ConfigureAwait(false);
        return RedisReply.Read(result);
    }

    /// <summary>Runs a script whose hash the server does not know.</summary>
    /// <inheritdoc cref="CallAsync(RedisCall, TimeSpan, CancellationToken)"/>
    public async ValueTask<RedisReply> CallWithSourceAsync(RedisCall call, TimeSpan limit, CancellationToken ct = default)
    {
        using var result = await RunAsync(call, call.Bytes, ClosedByCall(call), "EVAL", static (c, db) => c.SendSourceAsync(db), limit, ct).ConfigureAwait(false);
        return RedisReply.Read(result);
    }

    /// <summary>Reads a string into memory that is the caller's to give back; null if there is none.</summary>
    public ValueTask<Lease<byte>?> GetAsync(RedisKey key, CancellationToken ct) =>
        RunAsync(key, 64, ClosedBy.Loss, "GET", static (k, db) => db.StringGetLeaseAsync(k, CommandFlags.DemandMaster | CommandFlags.CommandRetryNever), CommandTimeout, ct);

    /// <summary>Publishes; how many subscribers of the server got it. Closes the connection in no case.</summary>
    public ValueTask<long> PublishAsync(string channel, ReadOnlyMemory<byte> payload, TimeSpan limit, CancellationToken ct) => RunAsync(
        (Subscriber: _multiplexer.GetSubscriber(), channel, payload), payload.Length, ClosedBy.Nothing, "PUBLISH",
        static (s, _) => s.Subscriber.PublishAsync(RedisChannel.Literal(s.channel), s.payload, CommandFlags.CommandRetryNever), limit, ct);

    /// <summary>Where the password of a user is refused, the client goes on as the default user if that one has none.</summary>
    private async Task CheckUserAsync(IServer holder, CancellationToken ct)
    {
        if (_settings.User is not { } user)
        {
            return;
        }

        try
        {
            var actual = await holder.ExecuteAsync("ACL", "WHOAMI").WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
            if ((string?)actual != user)
            {
                throw Errors.HandshakeRefused(Place, user, CallErrorKind.WrongPassword);
            }
        }
        catch (RedisServerException)
        {
            // Denied, or not known there.
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
            {
                return holder;
            }
        }
        catch (Exception why) when (why is RedisException or ArgumentException or InvalidOperationException)
        {
            // None of its servers is a master that can be reached.
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
        {
            throw Errors.NotSent(name, Place, Errors.ClosedHere(Place));
        }

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
                // What a closed connection brings is not to be relied on.
                (result as IDisposable)?.Dispose();
                throw Errors.OutcomeUnknown(name, Place, Errors.ClosedHere(Place));
            }

            return result;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            End(state, sent, closedBy, isLost: false, Errors.GivenUp(name, Place));
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
    /// Before the caller is told: a call that may yet be executed keeps its memory, and closes the connection if it must not come late. A lost
    /// connection may have lost pushes too.
    /// </summary>
    private void End<TState>(TState state, Task? sent, ClosedBy closedBy, bool isLost, CallException why)
    {
        if (sent is not null && (!sent.IsCompleted || why.OutcomeUnknown))
        {
            (state as RedisCall)?.Abandon();
        }

        if ((isLost && closedBy != ClosedBy.Nothing) || (closedBy == ClosedBy.UnknownOutcome && sent is not null && why.OutcomeUnknown))
        {
            Close(why);
        }
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
            _inFlight.Answered(bytes);
        }
        else
        {
            _inFlight.GivenUp(bytes); // reading the exception has observed it: nobody may be left to do so
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
