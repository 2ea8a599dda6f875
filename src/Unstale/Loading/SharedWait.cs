namespace Unstale.Loading;

/// <summary>
/// Wait for a load, shared by the callers of a group that request the same and wait without limits: no token, no time limit, and no factory that waits.
/// Each caller needs only its own factory besides, in case the load must start again.
/// </summary>
/// <param name="load">Load that is awaited.</param>
/// <param name="tags">Tags of the calls.</param>
/// <param name="life">Lifetime requested by the calls.</param>
internal sealed class SharedWait<T>(Load load, string[] tags, EntryLifetime life)
{
    // Continuations of different callers must not run one after another on the thread that ends the load: one of them may block.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _startsAgain;
    private CacheOutcome _outcome;
    private long _since;

    /// <summary>True for the tags and the lifetime of the calls that share the wait.</summary>
    public bool IsFor(ReadOnlySpan<string> named, in EntryLifetime requested) => requested == life && named.SequenceEqual(tags);

    /// <summary>Waits for the load, and starts again with the factory of the caller if necessary. Few fields: every caller has one of these.</summary>
    public Task<T> WaitAsync<TState>(LoadFactory<TState, T> source) =>
        SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default ? WaitWithoutContextAsync(source) : WaitOutsideContextAsync(source);

    public void Complete(in LoadResult<T> answer)
    {
        (_outcome, _since) = (answer.Outcome, load.Ticket.BeganAt);
        End(answer.Value, startsAgain: answer.StartAgain || answer.LoadsAlone);
    }

    public void Fail(Exception exception)
    {
        if (exception is OperationCanceledException canceled && load.Loader.IsOfAnother(canceled, CancellationToken.None))
        {
            End(default!, startsAgain: true);
        }
        else if (exception is LoadTimeoutException && load.Loader.Allowed(load.Identity, life, out T value) is { } held)
        {
            (_outcome, _since) = (load.Loader.OutcomeOf(held), held.StoredAt);
            End(value, startsAgain: false);
        }
        else
        {
            _source.TrySetException(exception);
            _ = _source.Task.Exception; // observed, in case no caller awaits its task
        }
    }

#pragma warning disable CA2007 // an awaiter with options is 8 bytes larger, and without a context both continue alike
    private async Task<T> WaitWithoutContextAsync<TState>(LoadFactory<TState, T> source)
    {
        var value = await _source.Task;
        return _startsAgain ? await AgainAsync(source) : Measured(value);
    }
#pragma warning restore CA2007

    private async Task<T> WaitOutsideContextAsync<TState>(LoadFactory<TState, T> source)
    {
        var value = await _source.Task.ConfigureAwait(false);
        return _startsAgain ? await AgainAsync(source).ConfigureAwait(false) : Measured(value);
    }

    private T Measured(T value)
    {
        load.Loader.MeasureAge(_outcome, _since);
        return value;
    }

    private void End(T value, bool startsAgain)
    {
        _startsAgain = startsAgain;
        _source.TrySetResult(value);
    }

    private Task<T> AgainAsync<TState>(LoadFactory<TState, T> source) =>
        load.Loader.LoadAsync(load.Key, source, life, tags, withOutcome: false, CancellationToken.None).ValueAsync().AsTask();
}
