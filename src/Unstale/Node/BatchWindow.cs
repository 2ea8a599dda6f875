using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Collects invalidations that need not be raised at once, and raises them together at the end of the window or on request. A window opens with the
/// first invalidation. Batches that cannot be raised remain in the window.
/// </summary>
internal sealed class BatchWindow : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];
    private readonly Func<TimeSpan> _length;
    private readonly Func<Invalidation, ValueTask<Operation>> _raise;
    private readonly Action<Exception, int> _failed;
    private readonly ITimer _timer;
    private List<Batch> _waiting = [];
    private bool _isClosed;

    /// <param name="clock">Clock for the timer.</param>
    /// <param name="length">Returns the length of a window that opens now.</param>
    /// <param name="raise">Raises a batch: in force on return, completed when the log has the record.</param>
    /// <param name="failed">Called with the exception and the number of targets when a batch first cannot be raised, and when it is lost.</param>
    public BatchWindow(MonotonicClock clock, Func<TimeSpan> length, Func<Invalidation, ValueTask<Operation>> raise, Action<Exception, int> failed)
    {
        _length = length;
        _raise = raise;
        _failed = failed;
        _timer = clock.CreateTimer(static window => ((BatchWindow)window!).Flush(), this);
    }

    /// <summary>Adds an invalidation to the open window, or opens one. After disposal the invalidation is raised at once.</summary>
    public Batch Add(Invalidation invalidation)
    {
        Batch batch;
        bool isClosed;
        lock (_gate)
        {
            if (_waiting.Count == 0)
                Open_NeedsLock(new Batch());
            batch = _waiting[^1];
            batch.Add(invalidation);
            isClosed = _isClosed;
        }

        if (isClosed)
            Flush();
        return batch;
    }

    /// <summary>Returns the numbers of waiting tags, keys and other targets.</summary>
    public (int Tags, int Keys, int Others) Pending()
    {
        lock (_gate)
        {
            return (
                _waiting.Sum(static batch => batch.CountOf(static kind => kind == TargetKind.Tag)),
                _waiting.Sum(static batch => batch.CountOf(static kind => kind == TargetKind.Key)),
                _waiting.Sum(static batch => batch.CountOf(static kind => kind is not (TargetKind.Tag or TargetKind.Key))));
        }
    }

    /// <summary>Raises all waiting batches, and waits for the batches already being raised.</summary>
    /// <returns>Operations of the raised batches; empty if none waited.</returns>
    public async Task<IReadOnlyList<Operation>> FlushAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_gate)
            running = [.. _running];
        var flushed = Flush();
        await Task.WhenAll([.. running, .. flushed]).WaitAsync(cancellationToken).ConfigureAwait(false);
        var operations = new List<Operation>(flushed.Count);
        foreach (var attempt in flushed)
        {
            var (operation, failure) = await attempt.ConfigureAwait(false);
            if (failure is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            operations.Add(operation!);
        }

        return operations;
    }

    /// <summary>Raises all waiting batches. Nothing is collected afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        _timer.Dispose();
        Flush();
    }

    private List<Task<Attempt>> Flush()
    {
        List<Batch> taken;
        lock (_gate)
        {
            if (_waiting.Count == 0)
                return [];
            taken = _waiting;
            _waiting = [];
        }

        return taken.ConvertAll(Raise);
    }

    private Task<Attempt> Raise(Batch batch)
    {
        var attempt = WithoutExecutionContext.Start((Window: this, batch), static s => s.Window.RaiseAsync(s.batch));
        if (attempt.IsCompleted)
            return attempt;
        lock (_gate)
            _running.Add(attempt);
        _ = WithoutExecutionContext.Start(
            (Window: this, attempt),
            static s => s.attempt.ContinueWith(s.Window.Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
        return attempt;
    }

    private void Forget(Task attempt)
    {
        lock (_gate)
            _running.Remove(attempt);
    }

    private async Task<Attempt> RaiseAsync(Batch batch)
    {
        try
        {
            var operation = await _raise(batch.ToInvalidation()).ConfigureAwait(false);
            batch.End(operation);
            return new(operation, Failure: null);
        }
        catch (Exception exception)
        {
            Failed(batch, exception);
            return new(Operation: null, exception);
        }
    }

    private void Failed(Batch batch, Exception exception)
    {
        bool isLost;
        lock (_gate)
        {
            isLost = _isClosed;
            if (!isLost)
                Open_NeedsLock(batch);
        }

        if (isLost)
            batch.Lose(exception);
        if (isLost || !batch.HasFailed)
            _failed(exception, batch.Count);
        batch.HasFailed = true;
    }

    /// <summary>
    /// Inserts a batch before the batches opened since. A batch that could not be raised thus continues to collect if no other was opened.
    /// </summary>
    private void Open_NeedsLock(Batch batch)
    {
        if (_waiting.Count == 0 && !_isClosed)
            _timer.Change(_length(), Timeout.InfiniteTimeSpan);
        _waiting.Insert(0, batch);
    }

    private readonly record struct Attempt(Operation? Operation, Exception? Failure);
}
