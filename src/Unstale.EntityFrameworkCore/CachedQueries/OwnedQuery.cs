namespace Unstale.EntityFrameworkCore.CachedQueries;

/// <summary>
/// Query on the context of one call. The load may outlive the call, for callers that joined or as a refresh in the background; the context may not. So the
/// call ends after the query.
/// </summary>
internal sealed class OwnedQuery<T>(Func<CancellationToken, Task<T>> run)
{
    private readonly Lock _gate = new();
    private Task<T>? _running;
    private bool _isOver;

    /// <summary>Runs the query, unless the call has ended.</summary>
    /// <exception cref="InvalidOperationException">The call has ended.</exception>
    public ValueTask<T> RunAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isOver)
                throw Errors.CallHasEnded();
            return new(_running = run(cancellationToken));
        }
    }

    /// <summary>Waits for a running query. Later runs are refused.</summary>
    public async Task EndAsync()
    {
        Task? running;
        lock (_gate)
        {
            _isOver = true;
            running = _running;
        }

        if (running is not null)
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
