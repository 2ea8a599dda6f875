using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>
/// Owner of the multiplexers under all links of a hub. Opens multiplexers, and replaces them where the client would not recover by itself. Every
/// link over the replaced ones is dropped.
/// </summary>
internal sealed class RedisConnectionManager(RedisSettings settings) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource<MultiplexerPair> _next = NewSource();
    private volatile Exception? _failure;
    private Task? _run;

    /// <summary>Called with the reason when an attempt to open has failed and another attempt will follow. Must not throw.</summary>
    public Action<Exception>? OpenFailed { get; init; }

    /// <summary>Reason for the last replacement of the multiplexers, or for the failure to open new ones; null if there is none.</summary>
    public Exception? Failure => _failure;

    /// <summary>Begins to open the multiplexers, and retries until disposed.</summary>
    public void Start()
    {
        lock (_gate)
            _run ??= WithoutExecutionContext.Run(RunAsync);
    }

    /// <summary>Returns the multiplexers in use, as soon as there are any.</summary>
    public Task<MultiplexerPair> OpenedAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            if (_next.Task.IsCompletedSuccessfully && _next.Task.Result.IsRetired)
                _next = NewSource();

            return _next.Task.WaitAsync(ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        if (_run is { } run)
            await run.ConfigureAwait(false);

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
                _failure = await pair.WhenRetired.ConfigureAwait(false);

            // On disposal the client waits for replies, and a dead socket never delivers any. The next multiplexers do not wait for the disposal.
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
