using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Values;

namespace Unstale.Invalidations;

/// <summary>
/// Collects invalidations that are raised later: batched ones together at the end of the window or on request, and repeats after their delay. A window
/// opens with the first batched invalidation. A batch that cannot be raised remains in the window; a repeat that cannot be raised is left out.
/// </summary>
internal sealed class InvalidationBatcher : IDisposable
{
    /// <summary>Maximum number of due times. Above it a repeat joins a later one or the last, so it may be late but is never left out.</summary>
    private const int MostRepeats = 256;

    /// <summary>
    /// Fraction (1/32) of the delay by which a repeat may be late, but at least <see cref="LeastSlack"/> milliseconds, so that others may join the
    /// repeat.
    /// </summary>
    private const int Part = 32;
    private const long LeastSlack = 10;

    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];
    private readonly List<DeferredInvalidation> _repeats = [];
    private readonly MonotonicClock _clock;
    private readonly Func<TimeSpan> _length;
    private readonly Func<DeferredInvalidation, ValueTask<Operation>> _raise;
    private readonly Action<Exception, int> _failed;
    private readonly ITimer _timer;
    private List<DeferredInvalidation> _batches = [];
    private long _windowEnd;
    private bool _isClosed;

    /// <param name="clock">Clock for the timer.</param>
    /// <param name="length">Returns the length of a window that opens now.</param>
    /// <param name="raise">Raises collected targets: in force on return, completed when the log has the record.</param>
    /// <param name="failed">Called with the exception and the number of targets when a batch first cannot be raised, and when targets are lost.</param>
    public InvalidationBatcher(
        MonotonicClock clock, Func<TimeSpan> length, Func<DeferredInvalidation, ValueTask<Operation>> raise, Action<Exception, int> failed)
    {
        _clock = clock;
        _length = length;
        _raise = raise;
        _failed = failed;
        _timer = clock.CreateTimer(static batcher => ((InvalidationBatcher)batcher!).RaiseDue(), this);
    }

    /// <summary>Adds an invalidation to the open window, or opens one. After disposal the invalidation is raised at once.</summary>
    public DeferredInvalidation Add(Invalidation invalidation)
    {
        DeferredInvalidation batch;
        bool isClosed;
        lock (_gate)
        {
            if (_batches.Count == 0)
                Open_NeedsLock(new DeferredInvalidation());
            batch = _batches[^1];
            batch.Add(invalidation);
            isClosed = _isClosed;
        }

        if (isClosed)
            Flush();
        return batch;
    }

    /// <summary>Raises the invalidation once more after the delay. After disposal it is raised at once.</summary>
    public void Repeat(Invalidation invalidation, TimeSpan after)
    {
        bool isClosed;
        lock (_gate)
        {
            var lag = (long)Math.Ceiling(after.TotalMilliseconds);
            var due = _clock.Now + lag;
            RepeatAt_NeedsLock(due, due + Math.Max(lag / Part, LeastSlack)).Add(invalidation);
            isClosed = _isClosed;
        }

        if (isClosed)
            RaiseDue();
    }

    /// <summary>Returns the numbers of tags, keys and other targets in the window.</summary>
    public (int Tags, int Keys, int Others) Pending()
    {
        lock (_gate)
        {
            return (
                _batches.Sum(static batch => batch.CountOf(static kind => kind == TargetKind.Tag)),
                _batches.Sum(static batch => batch.CountOf(static kind => kind == TargetKind.Key)),
                _batches.Sum(static batch => batch.CountOf(static kind => kind is not (TargetKind.Tag or TargetKind.Key))));
        }
    }

    /// <summary>Raises all batches of the window, and waits for the batches already being raised.</summary>
    /// <returns>Operations of the raised batches; empty if the window was empty.</returns>
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

    /// <summary>Raises all batches, and all repeats now: an early repeat is better than none. Nothing is collected afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        _timer.Dispose();
        RaiseDue();
    }

    /// <summary>Returns the repeat to which an invalidation is added that must not be raised before a time, and preferably until another time.</summary>
    private DeferredInvalidation RepeatAt_NeedsLock(long due, long latest)
    {
        var at = _repeats.FindIndex(one => one.Due >= due);
        if (at >= 0 && _repeats[at].Due <= latest)
            return _repeats[at];
        if (_repeats.Count >= MostRepeats)
        {
            var joined = _repeats[at < 0 ? _repeats.Count - 1 : at];
            joined.Due = Math.Max(joined.Due, due);
            return joined;
        }

        var repeat = new DeferredInvalidation { IsRepeat = true, Due = latest };
        at = at < 0 ? _repeats.Count : at;
        _repeats.Insert(at, repeat);
        if (at == 0)
            Arm_NeedsLock();
        return repeat;
    }

    private void RaiseDue()
    {
        List<DeferredInvalidation> due;
        bool isWindowOver;
        lock (_gate)
        {
            var now = _clock.Now;
            due = [.. _repeats.TakeWhile(one => _isClosed || one.Due <= now)];
            _repeats.RemoveRange(0, due.Count);
            isWindowOver = _isClosed || _windowEnd <= now;
            if (isWindowOver)
                (_batches, due) = ([], [.. _batches, .. due]);
            Arm_NeedsLock();
        }

        due.ConvertAll(Raise);
    }

    private List<Task<Attempt>> Flush()
    {
        List<DeferredInvalidation> flushed;
        lock (_gate)
            (flushed, _batches) = (_batches, []);
        return flushed.ConvertAll(Raise);
    }

    private Task<Attempt> Raise(DeferredInvalidation deferred)
    {
        var attempt = WithoutExecutionContext.Start((Batcher: this, deferred), static s => s.Batcher.RaiseAsync(s.deferred));
        if (attempt.IsCompleted || deferred.IsRepeat)
            return attempt;
        lock (_gate)
            _running.Add(attempt);
        _ = WithoutExecutionContext.Start(
            (Batcher: this, attempt),
            static s => s.attempt.ContinueWith(s.Batcher.Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
        return attempt;
    }

    private void Forget(Task attempt)
    {
        lock (_gate)
            _running.Remove(attempt);
    }

    private async Task<Attempt> RaiseAsync(DeferredInvalidation deferred)
    {
        try
        {
            var operation = await _raise(deferred).ConfigureAwait(false);
            deferred.End(operation);
            return new(operation, Failure: null);
        }
        catch (Exception exception)
        {
            Failed(deferred, exception);
            return new(Operation: null, exception);
        }
    }

    private void Failed(DeferredInvalidation deferred, Exception exception)
    {
        bool isLost;
        lock (_gate)
        {
            isLost = _isClosed || deferred.IsRepeat;
            if (!isLost)
                Open_NeedsLock(deferred);
        }

        if (isLost)
            deferred.Lose(exception);
        if (isLost || !deferred.HasFailed)
            _failed(exception, deferred.Count);
        deferred.HasFailed = true;
    }

    /// <summary>
    /// Inserts a batch before the batches opened since. A batch that could not be raised thus continues to collect if no other was opened.
    /// </summary>
    private void Open_NeedsLock(DeferredInvalidation batch)
    {
        _batches.Insert(0, batch);
        if (_batches.Count > 1)
            return;
        _windowEnd = _clock.Now + (long)Math.Ceiling(_length().TotalMilliseconds);
        Arm_NeedsLock();
    }

    private void Arm_NeedsLock()
    {
        var next = Math.Min(_batches.Count > 0 ? _windowEnd : long.MaxValue, _repeats.Count > 0 ? _repeats[0].Due : long.MaxValue);
        if (!_isClosed && next < long.MaxValue)
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, next - _clock.Now)), Timeout.InfiniteTimeSpan);
    }

    private readonly record struct Attempt(Operation? Operation, Exception? Failure);
}
