using Unstale.Boundary;

namespace Unstale.PostgreSql.Connection;

/// <summary>Runs a loop in the background until its owner stops it. A failure of the loop ends it silently: the loop reports its failures itself.</summary>
internal sealed class BackgroundLoop : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task? _running;
    private bool _isDisposed;

    public BackgroundLoop() => Stopping = _stopping.Token;

    /// <summary>Token that is cancelled when the loop stops. Can be read after disposal.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Starts the loop. Called once.</summary>
    /// <param name="loop">Loop, which ends when its token is cancelled.</param>
    public void Start(Func<CancellationToken, Task> loop) => _running = WithoutExecutionContext.Run(() => loop(Stopping));

    /// <summary>Stops the loop and waits for its end. May be called again.</summary>
    public async Task StopAsync()
    {
        if (_isDisposed)
            return;
        _ = await GuardedCancellation.CancelAsync(_stopping).ConfigureAwait(false);
        if (_running is { } running)
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _isDisposed = true;
        _stopping.Dispose();
    }
}
