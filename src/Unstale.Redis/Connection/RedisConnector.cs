using StackExchange.Redis;
using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>
/// Maintains one link over the multiplexers: opens a link, and opens another when the link is closed. Calls never wait for a link. Without a link, calls
/// fail at once and nothing is sent.
/// </summary>
/// <param name="settings">Server and limits.</param>
/// <param name="pairs">Owner of the multiplexers, which are shared with other links.</param>
/// <param name="key">Key by which the server is selected, and by which a cluster routes.</param>
/// <param name="pushed">Called with each message of a channel, in order; with null if messages were dropped.</param>
/// <param name="prepare">Runs on each new link before the link is handed out. A failure counts as a failure to connect.</param>
internal sealed class RedisConnector(
    RedisSettings settings, RedisConnectionManager pairs, Func<string> key, Action<RedisConnection, string, byte[]?> pushed,
    Func<RedisSession, CancellationToken, Task> prepare) : IAsyncDisposable
{
    /// <summary>Maximum number of links lost in succession without a pause.</summary>
    private const int MostAtOnce = 20;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _found = new(0, 1);
    private readonly Lock _gate = new();
    private TaskCompletionSource<RedisSession> _next = NewSource();
    private volatile RedisSession? _standing;
    private volatile Exception? _failure;
    private volatile bool _hasPair;
    private Task? _run;

    /// <summary>Called when a link is open.</summary>
    public Action<RedisSession>? Connected { get; init; }

    /// <summary>Called with the reason when an open link is closed.</summary>
    public Action<RedisSession, Exception>? Disconnected { get; init; }

    /// <summary>Called when an attempt to connect has failed and another attempt will follow.</summary>
    public Action<Exception>? ConnectFailed { get; init; }

    /// <summary>
    /// Reason why there is no link, from the last attempt; null if no attempt has failed. Computed at each read, because the client reports the reason
    /// and the end of an attempt separately, in either order.
    /// </summary>
    public Exception? LastFailure =>
        ((_hasPair ? null : pairs.Failure) ?? _failure ?? settings.Attempts.Failure) is { } why ? ServerErrors.OfConnecting(settings, why) : null;

    /// <summary>Begins to connect, and retries until disposed.</summary>
    public void Start()
    {
        lock (_gate)
            _run ??= WithoutExecutionContext.Run(RunAsync);
    }

    /// <summary>Returns the link, as soon as there is one. Fails after the limit with the reason of the last attempt.</summary>
    public async Task<RedisSession> ConnectedAsync(TimeSpan limit, CancellationToken ct = default)
    {
        Task<RedisSession> next;
        lock (_gate)
        {
            if (_next.Task.IsCompletedSuccessfully && !_next.Task.Result.IsOpen)
                _next = NewSource();

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
            await run.ConfigureAwait(false);

        _next.TrySetException(Errors.NotConnected(settings.Place, LastFailure));
        _ = _next.Task.Exception;
        _stop.Dispose();
        _found.Dispose();
    }

    private static TaskCompletionSource<RedisSession> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        while (await PairAsync().ConfigureAwait(false) is { } pair)
        {
            pair.Found += Found;
            pair.Lost += Lost;
            try
            {
                await MaintainAsync(pair).ConfigureAwait(false);
            }
            finally
            {
                pair.Found -= Found;
                pair.Lost -= Lost;
            }
        }
    }

    private async Task<MultiplexerPair?> PairAsync()
    {
        _hasPair = false;
        try
        {
            _stop.Token.ThrowIfCancellationRequested();
            var opened = pairs.OpenedAsync(_stop.Token);
            var waits = !opened.IsCompleted;
            var pair = await opened.ConfigureAwait(false);
            _failure = (waits ? pairs.Failure : null) ?? _failure;
            _hasPair = true;
            return pair;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Maintains links until stopped, or until the multiplexers are retired because the client does not reconnect by itself.</summary>
    private async Task MaintainAsync(MultiplexerPair pair)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, pair.Retired);
        for (var attempt = 0; !ends.IsCancellationRequested;)
        {
            // The first attempt after a loss is made at once. A server that accepts links only to drop them gets a pause.
            var began = settings.TimeProvider.GetTimestamp();
            if (await OnceAsync(pair, ends.Token).ConfigureAwait(false))
            {
                attempt = settings.TimeProvider.GetElapsedTime(began) > settings.Backoff.Longest ? 0 : attempt + 1;
                await PauseAsync(attempt <= MostAtOnce ? TimeSpan.Zero : settings.Backoff.After(attempt, Random.Shared.NextDouble()), ends.Token).ConfigureAwait(false);
            }
            else if (!ends.IsCancellationRequested)
            {
                await FailedAsync(pair, attempt, ends.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Pauses after a failed attempt, or retires the multiplexers. Failed attempts do not count as lost links, however many there are: after the next loss
    /// the first attempt is again made at once.
    /// </summary>
    private async Task FailedAsync(MultiplexerPair pair, int attempt, CancellationToken ends)
    {
        var why = LastFailure;
        if (pair.IsRefused(why))
        {
            await PauseAsync(settings.Backoff.After(attempt + 1, Random.Shared.NextDouble()), ends).ConfigureAwait(false);
            await pair.RetireAsync(why).ConfigureAwait(false);
        }
        else if (pair.IsSilent(why))
        {
            await pair.RetireAsync(why).ConfigureAwait(false);
        }
        else
        {
            await PauseAsync(Poll, ends).ConfigureAwait(false);
        }
    }

    /// <summary>Makes one link and waits until the link is closed. Returns false if the link was never open.</summary>
    private async Task<bool> OnceAsync(MultiplexerPair pair, CancellationToken ends)
    {
        if (await OpenAsync(pair, ends).ConfigureAwait(false) is not { } link)
            return false;

        pair.CountLink(1);
        Publish(link);
        Publish(link, () => Connected?.Invoke(link));
        Exception reason;
        using (ends.UnsafeRegister(l => ((RedisSession)l!).Drop(pair.WhyRetired ?? Errors.ClosedHere(settings.Place)), link))
            reason = await (await Task.WhenAny(link.Control.WhenClosed, link.Data.WhenClosed).ConfigureAwait(false)).ConfigureAwait(false);

        link.Drop(reason);
        pair.CountLink(-1);
        Withdraw(reason);
        Publish(link, () => Disconnected?.Invoke(link, reason));
        return true;
    }

    private async Task<RedisSession?> OpenAsync(MultiplexerPair pair, CancellationToken ends)
    {
        RedisSession? link = null;
        try
        {
            var name = key();
            var control = new RedisConnection(pair, isControl: true, settings, pushed);
            var data = new RedisConnection(pair, isControl: false, settings, pushed);
            link = new RedisSession(control, data, pair.ChannelPrefix);
            await Task.WhenAll(control.CheckAsync(name, ends), data.CheckAsync(name, ends)).ConfigureAwait(false);
            if (control.Server.RunId != data.Server.RunId)
                throw Errors.LinkOfTwoServers(settings.Place);

            _standing = link;
            await prepare(link, ends).ConfigureAwait(false);
            return link;
        }
        catch (Exception error)
        {
            _standing = null;
            link?.Drop(error);
            if (!ends.IsCancellationRequested)
            {
                Fail(error);
                if (!pair.IsSilent(LastFailure))
                    await pair.RefreshRolesAsync(ends).ConfigureAwait(false);
            }

            return null;
        }
    }

    private void Found(object? sender, EventArgs e)
    {
        try
        {
            _found.Release();
        }
        catch (Exception released) when (released is SemaphoreFullException or ObjectDisposedException)
        {
            // The loop is already woken, or has ended.
        }
    }

    /// <summary>Closes the link if the server that holds the keys is lost. A cluster or a Sentinel has other servers, whose loss is ignored.</summary>
    private void Lost(object? sender, ConnectionFailedEventArgs e)
    {
        if (_standing is { } link && link.IsHeldBy(e.EndPoint))
        {
            var why = e.Exception is { } inner ? ServerErrors.OfConnecting(settings, inner) : Errors.ConnectionLost(settings.Place, e.FailureType.ToString());
            link.Drop(why);
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken ends)
    {
        if (pause > TimeSpan.Zero)
        {
            try
            {
                // The application owns the TimeProvider. The pause ends by that clock, or when a connection is restored.
                using var woken = CancellationTokenSource.CreateLinkedTokenSource(ends);
                var delay = Task.Delay(pause, settings.TimeProvider, woken.Token);
                await Task.WhenAny(delay, _found.WaitAsync(woken.Token)).ConfigureAwait(false);
                _ = await GuardedCancellation.CancelAsync(woken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Stopped, or the multiplexers are retired.
            }
        }
    }

    private void Fail(Exception why)
    {
        _failure = why;
        var reason = ServerErrors.OfConnecting(settings, why);
        Publish(null, () => ConnectFailed?.Invoke(reason));
    }

    /// <summary>Calls the subscribers. A failing subscriber must not end reconnecting: the link passed to the subscriber is closed instead.</summary>
    private void Publish(RedisSession? link, Action subscribers)
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

    private void Publish(RedisSession link)
    {
        lock (_gate)
        {
            if (_next.Task.IsCompleted)
                _next = NewSource();

            _next.TrySetResult(link);
        }
    }

    private void Withdraw(Exception reason)
    {
        _standing = null;
        lock (_gate)
        {
            _failure = reason;
            // Callers may have seen the closed link before this line, and already wait on a new source.
            _next = _next.Task.IsCompleted ? NewSource() : _next;
        }
    }
}
