using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>
/// Owner of the multiplexers of a hub, over which all of its links go. Opens them, and opens others in their place where the client would not
/// recover by itself: every link over the old ones is dropped then.
/// </summary>
internal sealed class RedisConnectionManager(RedisSettings settings) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource<MultiplexerPair> _next = NewSource();
    private volatile Exception? _failure;
    private Task? _run;

    /// <summary>Called with the reason when an attempt to open has failed, and another will follow. Must not throw.</summary>
    public Action<Exception>? OpenFailed { get; init; }

    /// <summary>Reason for which the multiplexers were opened last, or for which they cannot be; null if there was none.</summary>
    public Exception? Failure => _failure;

    /// <summary>Begins to open, and never gives up until disposed.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _run ??= WithoutExecutionContext.Run(RunAsync);
        }
    }

    /// <summary>Returns the multiplexers that are in use, as soon as there are some.</summary>
    public Task<MultiplexerPair> OpenedAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            if (_next.Task.IsCompletedSuccessfully && _next.Task.Result.IsRetired)
            {
                _next = NewSource();
            }

            return _next.Task.WaitAsync(ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        if (_run is { } run)
        {
            await run.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private static TaskCompletionSource<MultiplexerPair> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        var leaving = Task.CompletedTask;
        while (await OpenAsync().ConfigureAwait(false) is { } pair)
        {
            Publish(pair);
            using (_stop.Token.UnsafeRegister(static p => WithoutExecutionContext.Begin((MultiplexerPair)p!, static retired => retired.RetireAsync()), pair))
            {
                _failure = await pair.WhenRetired.ConfigureAwait(false);
            }

            // The client waits for replies when it ends, which a dead socket never brings: the next ones do not wait for that.
            leaving = Task.WhenAll(leaving, pair.DisposeAsync().AsTask());
        }

        await leaving.ConfigureAwait(false);
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
                _failure = why;
                OpenFailed?.Invoke(ServerErrors.OfConnecting(settings, why));
                await Task.Delay(settings.Backoff.After(attempt, Random.Shared.NextDouble()), settings.TimeProvider, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return null;
    }

    private void Publish(MultiplexerPair pair)
    {
        lock (_gate)
        {
            _next = _next.Task.IsCompleted ? NewSource() : _next;
            _next.SetResult(pair);
        }
    }
}
