using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Collects what need not be raised at once, and raises it together when the window that the first of it opened ends, or when asked to.
/// What cannot be raised stays in it.
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

    /// <param name="clock">The time.</param>
    /// <param name="length">How long a window is that opens now.</param>
    /// <param name="raise">Raises it: in force when the call returns, told when the log has it.</param>
    /// <param name="failed">Told why a batch of so many targets could not be raised, the first time.</param>
    public BatchWindow(MonotonicClock clock, Func<TimeSpan> length, Func<Invalidation, ValueTask<Operation>> raise, Action<Exception, int> failed)
    {
        _length = length;
        _raise = raise;
        _failed = failed;
        _timer = clock.CreateTimer(static window => ((BatchWindow)window!).Flush(), this);
    }

    /// <summary>Adds to the window that is open, or opens one. Once it is closed nothing waits any more.</summary>
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

    /// <summary>Tags, keys and whatever else waits.</summary>
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

    /// <summary>Raises what waits, and waits for what is being raised already.</summary>
    /// <returns>What it was raised as; nothing if nothing waited.</returns>
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

    /// <summary>Raises what waits. From now on nothing is collected.</summary>
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

    /// <summary>One that could not be raised goes before those that were opened since, and collects on where there are none.</summary>
    private void Open_NeedsLock(Batch batch)
    {
        if (_waiting.Count == 0 && !_isClosed)
            _timer.Change(_length(), Timeout.InfiniteTimeSpan);
        _waiting.Insert(0, batch);
    }

    private readonly record struct Attempt(Operation? Operation, Exception? Failure);
}
