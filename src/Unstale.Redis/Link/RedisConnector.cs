using StackExchange.Redis;
using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>
/// Keeps one link standing over the multiplexers: makes it, and makes it again when it is closed. Calls never wait for a link: without one
/// they fail at once and nothing was sent.
/// </summary>
/// <param name="settings">The server and limits.</param>
/// <param name="pairs">Owner of the multiplexers, which are those of other links too.</param>
/// <param name="key">A key of the server that is meant, which routes in a cluster.</param>
/// <param name="pushed">Given each message of a channel, in order; null for some that were dropped.</param>
/// <param name="prepare">Runs on each new link before anyone else gets it; a failure counts as one to connect.</param>
internal sealed class RedisConnector(
    RedisSettings settings, RedisConnectionManager pairs, Func<string> key, Action<RedisConnection, string, byte[]?> pushed,
    Func<RedisLink, CancellationToken, Task> prepare) : IAsyncDisposable
{
    /// <summary>Links that may be lost one after the other before a pause is made.</summary>
    private const int MostAtOnce = 20;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _found = new(0, 1);
    private readonly Lock _gate = new();
    private TaskCompletionSource<RedisLink> _next = NewSource();
    private volatile RedisLink? _standing;
    private volatile Exception? _failure;
    private volatile bool _hasPair;
    private Task? _run;

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
    public Exception? LastFailure =>
        ((_hasPair ? null : pairs.Failure) ?? _failure ?? settings.Attempts.Failure) is { } why ? ServerErrors.OfConnecting(settings, why) : null;

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
        while (await PairAsync().ConfigureAwait(false) is { } pair)
        {
            pair.Found += Found;
            pair.Lost += Lost;
            try
            {
                await KeepAsync(pair).ConfigureAwait(false);
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

    /// <summary>Until it is stopped, or the multiplexers are to be made anew, for the client does not connect again by itself.</summary>
    private async Task KeepAsync(MultiplexerPair pair)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, pair.Retired);
        for (var attempt = 0; !ends.IsCancellationRequested;)
        {
            // The first attempt after a loss goes at once; a server that takes links only to drop them is left in peace for a while.
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

    /// <summary>An outage is no row of lost links, however often it is looked at: the next loss is again followed at once.</summary>
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

    /// <summary>One link from its making to its end; false if it never stood.</summary>
    private async Task<bool> OnceAsync(MultiplexerPair pair, CancellationToken ends)
    {
        if (await MakeAsync(pair, ends).ConfigureAwait(false) is not { } link)
        {
            return false;
        }

        pair.CountLink(1);
        Publish(link);
        Tell(link, () => Connected?.Invoke(link));
        Exception reason;
        using (ends.UnsafeRegister(l => ((RedisLink)l!).Drop(pair.WhyRetired ?? Errors.ClosedHere(settings.Place)), link))
        {
            reason = await (await Task.WhenAny(link.Control.WhenClosed, link.Data.WhenClosed).ConfigureAwait(false)).ConfigureAwait(false);
        }

        link.Drop(reason);
        pair.CountLink(-1);
        Withdraw(reason);
        Tell(link, () => Disconnected?.Invoke(link, reason));
        return true;
    }

    private async Task<RedisLink?> MakeAsync(MultiplexerPair pair, CancellationToken ends)
    {
        RedisLink? link = null;
        try
        {
            var name = key();
            var control = new RedisConnection(pair, isControl: true, settings, pushed);
            var data = new RedisConnection(pair, isControl: false, settings, pushed);
            link = new RedisLink(control, data, pair.ChannelPrefix);
            await Task.WhenAll(control.GreetAsync(name, ends), data.GreetAsync(name, ends)).ConfigureAwait(false);
            if (control.Server.RunId != data.Server.RunId)
            {
                throw Errors.LinkOfTwoServers(settings.Place);
            }

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
                {
                    await pair.RefreshRolesAsync(ends).ConfigureAwait(false);
                }
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
            // Somebody is woken already, or nobody waits any more.
        }
    }

    /// <summary>Only the loss of the server that holds the keys ends a link: a cluster and a Sentinel have others.</summary>
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
                // TimeProvider is the application's: the pause ends by it or by a connection that came back.
                using var woken = CancellationTokenSource.CreateLinkedTokenSource(ends);
                var delay = Task.Delay(pause, settings.TimeProvider, woken.Token);
                await Task.WhenAny(delay, _found.WaitAsync(woken.Token)).ConfigureAwait(false);
                _ = await GuardedCancellation.CancelAsync(woken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Stopped, or the multiplexers are made anew.
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
