namespace Unstale.Store;

/// <summary>Callers who joined a fill with no mark between them: they share its fate.</summary>
internal sealed class FillWaiters<T>(long tick)
{
    private readonly TaskCompletionSource<FillAnswer<T>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The marks that the node had made when they joined.</summary>
    public long Tick => tick;

    public Task<FillAnswer<T>> Task => _source.Task;

    public void Answer(FillAnswer<T> answer) => _source.TrySetResult(answer);

    public void Fail(Exception exception)
    {
        _source.TrySetException(exception);
        _ = _source.Task.Exception; // all of them may have left
    }
}
