using System.Threading.Tasks.Sources;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// Operation whose log replies later, and the wait of the raising caller: one object from the call to the last continuation. The wait ends once, at the
/// earliest of three events: record in the log, timeout, cancellation by the caller.
/// </summary>
/// <remarks>
/// The queue owns the object until the log has the record. Then the receipt, the replay ring or a collapsed append may still hold the object, so it is
/// never reused for another record. Reused instead: the batch in which the record is sent.
/// </remarks>
internal sealed class PendingAppend(InvalidationRecord record, long startedAt) : Operation(record, startedAt), IValueTaskSource<Operation>
{
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private TaskCompletionSource? _applied;
    private int _isReported;
    private int _isWaitOver;

    /// <summary>Whether the wait of the raising caller has ended or is about to end.</summary>
    public bool IsWaitOver => Volatile.Read(ref _isWaitOver) == 1;

    public override bool IsAwaited => Volatile.Read(ref _applied) is not null;

    public override Task Applied
    {
        get
        {
            if (Volatile.Read(ref _isReported) == 1)
                return Task.CompletedTask;
            var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var applied = Interlocked.CompareExchange(ref _applied, created, null) ?? created;
            CoveredBy?.Covers!.Add(this);

            // Each side writes before it reads: either this thread sees the report, or ReportApplied sees the task.
            if (Volatile.Read(ref _isReported) == 1)
                applied.TrySetResult();
            return applied.Task;
        }
    }

    /// <summary>Starts the wait of the raising caller. Must be called at most once, and before anything except <see cref="EndWait"/> can end the wait.</summary>
    /// <param name="cancelled">Called when the token is cancelled.</param>
    /// <param name="cancellationToken">Ends the wait. The append is not cancelled.</param>
    public ValueTask<Operation> WaitAsync(Action<PendingAppend> cancelled, CancellationToken cancellationToken)
    {
        if (IsApplied)
            return new(this);
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static state => Cancelled((Tuple<PendingAppend, Action<PendingAppend>>)state!), Tuple.Create(this, cancelled));
        return new(this, _core.Version);
    }

    /// <summary>Reports that the log has the record, once only: a replayed record was reported before. Returns true on the first call.</summary>
    public bool ReportApplied()
    {
        if (Interlocked.Exchange(ref _isReported, 1) == 1)
            return false;
        Volatile.Read(ref _applied)?.TrySetResult();
        return true;
    }

    /// <summary>Ends the wait of the raising caller. Returns true if the code that ends the wait must then call <see cref="ResumeCaller"/>.</summary>
    public bool EndWait() => Interlocked.Exchange(ref _isWaitOver, 1) == 0;

    /// <summary>Resumes the raising caller before this method returns.</summary>
    public void ResumeCaller() => _core.SetResult(result: true);

    Operation IValueTaskSource<Operation>.GetResult(short token)
    {
        _core.GetResult(token);
        _cancellation.Dispose();
        var cancelled = _token;

        // The replay ring may hold this object for a minute, and must not hold the continuation or the token of the caller.
        _core.Reset();
        (_cancellation, _token) = (default, default);
        if (!IsApplied)
            cancelled.ThrowIfCancellationRequested();
        return this;
    }

    ValueTaskSourceStatus IValueTaskSource<Operation>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<Operation>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private static void Cancelled(Tuple<PendingAppend, Action<PendingAppend>> cancelled) => cancelled.Item2(cancelled.Item1);
}
