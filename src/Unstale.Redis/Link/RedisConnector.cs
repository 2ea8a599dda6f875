using StackExchange.Redis;
using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>
/// Keeps a link standing over the multiplexers: makes it, and makes it again when it is closed. Calls never wait for a link: without one
/// they fail at once and nothing was sent.
/// </summary>
/// <param name="settings">The server and limits.</param>
/// <param name="key">A key of the server that is meant, which routes in a cluster.</param>
/// <param name="pushed">Given each message of a channel, in order; null for some that were dropped.</param>
/// <param name="prepare">Runs on each new link before anyone else gets it; a failure counts as one to connect.</param>
internal sealed class RedisConnector(
    RedisSettings settings, Func<string> key, Action<RedisConnection, string, byte[]?> pushed, Func<RedisLink, CancellationToken, Task> prepare) : IAsyncDisposable
{
    /// <summary>Links that may be lost one after the other before a pause is made.</summary>
    private const int MostAtOnce = 20;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RoleRefresh = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _found = new(0, 1);
    private readonly Lock _gate = new();
    private TaskCompletionSource<RedisLink> _next = NewSource();
    private volatile RedisLink? _standing;
    private Task? _run;
    private long _refreshed;
    private volatile Exception? _failure;

    /// <summary>A link stands.</summary>
    public Action<RedisLink>? Connected { get; init; }

    /// <summary>A link that stood is closed, and why.</summary>
    public Action<RedisLink, Exception>? Disconnected { get; init; }

    /// <summary>An attempt to connect failed, and another will follow.</summary>
    public Action<Exception>? ConnectFailed { get; init; }

    /// <summary>
    /// Reason for which there is no link, from the last attempt; null if none has failed. Derived at each reading: the client reports the reason of
    /// an attempt apart from its end, before it or after.
    /// </summary>
    public Exception? LastFailure => (_failure ?? settings.Attempts.Failure) is { } why ? ServerErrors.OfConnecting(settings, why) : null;

    /// <summary>Begins to connect, and never gives up until disposed.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _run ??= WithoutExecutionContext.Run(RunAsync);
        }
    }

    /// <summary>The link, as soon as there is one. Fails after the limit, with the reason of the last attempt.</summary>
    public async Task<RedisLink> ConnectedAsync(TimeSpan limit, CancellationToken ct = default)
    {
        Task<RedisLink> next;
        lock (_gate)
        {
            if (_next.Task.IsCompletedSuccessfully && !_next.Task.Result.IsOpen)
            {
                _next = NewSource();
            }

            next = _next.Task;
        }

        try
        {
            return await next.WaitAsync(limit, settings.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Errors.NotConnected(settings.Place, LastFailure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        if (_run is { } run)
        {
            await run.ConfigureAwait(false);
        }

        _next.TrySetException(Errors.NotConnected(settings.Place, LastFailure));
        _ = _next.Task.Exception;
        _stop.Dispose();
        _found.Dispose();
    }

    private static TaskCompletionSource<RedisLink> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        var leaving = Task.CompletedTask;
        while (await OpenAsync().ConfigureAwait(false) is { } pair)
        {
            try
            {
                pair.Found = Found;
                pair.Lost = Lost;
                await KeepAsync(pair).ConfigureAwait(false);
            }
            finally
            {
                // The client waits for replies when it ends, which a dead socket never brings: the next ones do not wait for that.
                leaving = Task.WhenAll(leaving, pair.DisposeAsync().AsTask());
            }
        }

        await leaving.ConfigureAwait(false);
    }

    /// <summary>Until it is stopped, or the multiplexers are to be made anew, for the client does not connect again by itself.</summary>
    private async Task KeepAsync(MultiplexerPair pair)
    {
        for (var attempt = 0; !_stop.IsCancellationRequested;)
        {
            // The first attempt after a loss goes at once; a server that takes links only to drop them is left in peace for a while.
            var began = settings.TimeProvider.GetTimestamp();
            var stood = await OnceAsync(pair).ConfigureAwait(false);
            if (!stood && pair.EndsCallsInTime && LastFailure is CallRefusedException { Kind: CallErrorKind.WrongPassword or CallErrorKind.NotAuthenticated })
            {
                await PauseAsync(settings.Backoff.After(attempt + 1, Random.Shared.NextDouble())).ConfigureAwait(false);
                return;
            }

            if (!stood && pair.IsSilent(LastFailure))
            {
                return;
            }

            if (!stood)
            {
                // An outage is no row of lost links, however often it is looked at: the next loss is again followed at once.
                await PauseAsync(Poll).ConfigureAwait(false);
                continue;
            }

            attempt = settings.TimeProvider.GetElapsedTime(began) > settings.Backoff.Longest ? 0 : attempt + 1;
            await PauseAsync(attempt <= MostAtOnce ? TimeSpan.Zero : settings.Backoff.After(attempt, Random.Shared.NextDouble())).ConfigureAwait(false);
        }
    }

    private async Task<MultiplexerPair?> OpenAsync()
    {
        for (var attempt = 1; !_stop.IsCancellationRequested; attempt++)
        {
            try
            {
                return await MultiplexerPair.OpenAsync(settings).ConfigureAwait(false);
            }
            catch (Exception why)
            {
                Fail(why);
                await PauseAsync(settings.Backoff.After(attempt, Random.Shared.NextDouble())).ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <summary>One link from its making to its end; false if it never stood.</summary>
    private async Task<bool> OnceAsync(MultiplexerPair pair)
    {
        RedisLink? link = null;
        try
        {
            var name = key();
            var control = new RedisConnection(pair, isControl: true, settings, pushed);
            var data = new RedisConnection(pair, isControl: false, settings, pushed);
            link = new RedisLink(control, data, pair.ChannelPrefix);
            await Task.WhenAll(control.GreetAsync(name, _stop.Token), data.GreetAsync(name, _stop.Token)).ConfigureAwait(false);
            if (control.Server.RunId != data.Server.RunId)
            {
                throw Errors.LinkOfTwoServers(settings.Place);
            }

            _standing = link;
            await prepare(link, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _standing = null;
            link?.Drop(error);
            if (!_stop.IsCancellationRequested)
            {
                Fail(error);
                if (!pair.IsSilent(LastFailure))
                {
                    await RefreshRoleAsync(pair).ConfigureAwait(false);
                }
            }

            return false;
        }

        Publish(link);
        Tell(link, () => Connected?.Invoke(link));
        Exception reason;
        using (_stop.Token.UnsafeRegister(l => ((RedisLink)l!).Drop(Errors.ClosedHere(settings.Place)), link))
        {
            reason = await (await Task.WhenAny(link.Control.WhenClosed, link.Data.WhenClosed).ConfigureAwait(false)).ConfigureAwait(false);
        }

        link.Drop(reason);
        Withdraw(reason);
        Tell(link, () => Disconnected?.Invoke(link, reason));
        return true;
    }

    private void Found()
    {
        try
        {
            _found.Release();
        }
        catch (Exception released) when (released is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody is woken already, or nobody waits any more.
        }
    }

    /// <summary>Only the loss of the server that holds the keys ends a link: a cluster and a Sentinel have others.</summary>
    private void Lost(IConnectionMultiplexer multiplexer, ConnectionFailedEventArgs e)
    {
        if (_standing is { } link && link.IsHeldBy(e.EndPoint))
        {
            var why = e.Exception is { } inner ? ServerErrors.OfConnecting(settings, inner) : Errors.ConnectionLost(settings.Place, e.FailureType.ToString());
            link.Drop(why);
        }
    }

    /// <summary>The client looks at roles once a minute; a replica that was promoted by hand is to be found sooner.</summary>
    private async Task RefreshRoleAsync(MultiplexerPair pair)
    {
        var now = settings.TimeProvider.GetTimestamp();
        if (_refreshed != 0 && settings.TimeProvider.GetElapsedTime(_refreshed, now) < RoleRefresh)
        {
            return;
        }

        _refreshed = now;
        await Task.WhenAll(new[] { pair.Control, pair.Data }.Distinct().Where(static m => m.IsConnected).Select(RefreshRoleAsync)).ConfigureAwait(false);
    }

    private async Task RefreshRoleAsync(IConnectionMultiplexer multiplexer)
    {
        try
        {
            await multiplexer.ConfigureAsync().WaitAsync(settings.RequestTimeout, settings.TimeProvider, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The next attempt finds out.
        }
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        if (pause > TimeSpan.Zero)
        {
            try
            {
                // TimeProvider is the application's: the pause ends by it or by a connection that came back.
                using var woken = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                var delay = Task.Delay(pause, settings.TimeProvider, woken.Token);
                await Task.WhenAny(delay, _found.WaitAsync(woken.Token)).ConfigureAwait(false);
                _ = await GuardedCancellation.CancelAsync(woken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
        }
    }

    private void Fail(Exception why)
    {
        _failure = why;
        var reason = ServerErrors.OfConnecting(settings, why);
        Tell(null, () => ConnectFailed?.Invoke(reason));
    }

    /// <summary>A subscriber that fails must not end the reconnecting: the link that it was told of is closed instead.</summary>
    private void Tell(RedisLink? link, Action subscribers)
    {
        try
        {
            subscribers();
        }
        catch (Exception error)
        {
            _failure = error;
            link?.Drop(Errors.HandlerFailed(settings.Place, error));
        }
    }

    private void Publish(RedisLink link)
    {
        lock (_gate)
        {
            if (_next.Task.IsCompleted)
            {
                _next = NewSource();
            }

            _next.TrySetResult(link);
        }
    }

    private void Withdraw(Exception reason)
    {
        _standing = null;
        lock (_gate)
        {
            _failure = reason;
            // Who saw it closed before this already waits on a new one.
            _next = _next.Task.IsCompleted ? NewSource() : _next;
        }
    }
}
