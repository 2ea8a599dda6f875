namespace Unstale.Loading;

/// <summary>Callers that share the result of a load, because they joined with no mark between them.</summary>
internal sealed class LoadWaiters<T>(long tick)
{
    private readonly TaskCompletionSource<LoadResult<T>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SharedWait<T>? _shared;

    /// <summary>Number of marks made by the node when the callers joined.</summary>
    public long Tick => tick;

    public Task<LoadResult<T>> Task => _source.Task;

    /// <summary>
    /// Returns the wait shared by the callers of the group; null if the first of them has other tags or another lifetime. Needs the horizon's lock:
    /// the load must not end meanwhile.
    /// </summary>
    public SharedWait<T>? Share_NeedsLock(Load load, ReadOnlySpan<string> tags, in EntryLifetime life)
    {
        _shared ??= new SharedWait<T>(load, tags.ToArray(), life);
        return _shared.IsFor(tags, life) ? _shared : null;
    }

    public void Complete(LoadResult<T> answer)
    {
        _source.TrySetResult(answer);
        _shared?.Complete(answer);
    }

    public void Fail(Exception exception)
    {
        _source.TrySetException(exception);
        _ = _source.Task.Exception; // observed, in case all callers have left
        _shared?.Fail(exception);
    }
}
