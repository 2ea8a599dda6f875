namespace Unstale.Store;

/// <summary>Callers that share the result of a load, because they joined with no mark between them.</summary>
internal sealed class FillWaiters<T>(long tick)
{
    private readonly TaskCompletionSource<FillAnswer<T>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Number of marks made by the node when the callers joined.</summary>
    public long Tick => tick;

    public Task<FillAnswer<T>> Task => _source.Task;

    public void Answer(FillAnswer<T> answer) => _source.TrySetResult(answer);

    public void Fail(Exception exception)
    {
        _source.TrySetException(exception);
        _ = _source.Task.Exception; // observed, in case all callers have left
    }
}
