using System.Threading.Tasks.Sources;

namespace Unstale.Horizon;

/// <summary>
/// Wait for an operation: the raising caller waits for a limited time, later callers until the log has the operation. The raising caller's wait ends
/// once, at the earliest of three events: record in the log, deadline, cancellation by the caller.
/// </summary>
internal sealed class OperationWait(Operation operation) : IValueTaskSource<Operation>
{
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private TaskCompletionSource? _applied;
    private int _isTold;
    private int _isOver;

    /// <summary>Whether the wait of the raising caller has ended or is about to end.</summary>
    public bool IsOver => Volatile.Read(ref _isOver) == 1;

    /// <summary>Starts the wait of the raising caller. Must be called once, and before anything except <see cref="End"/> can end the wait.</summary>
    public ValueTask<Operation> BeginAsync(Action<OperationWait> cancelled, CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static state => Cancelled((Tuple<OperationWait, Action<OperationWait>>)state!), Tuple.Create(this, cancelled));
        return new(this, _core.Version);
    }

    /// <summary>Whether <see cref="Applied"/> was requested.</summary>
    public bool IsWaitedFor => Volatile.Read(ref _applied) is not null;

    /// <summary>Task that completes when the log has the operation, without a time limit.</summary>
    public Task Applied
    {
        get
        {
            var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var applied = Interlocked.CompareExchange(ref _applied, mine, null) ?? mine;
            operation.CoveredBy?.Covers!.Hold(operation);

            // Each side writes before it reads: either this thread sees the notification, or Tell sees the task.
            if (Volatile.Read(ref _isTold) == 1)
                applied.TrySetResult();
            return applied.Task;
        }
    }

    /// <summary>Reports that the log has the operation. Returns true on the first call only.</summary>
    public bool Tell()
    {
        if (Interlocked.Exchange(ref _isTold, 1) == 1)
            return false;
        Volatile.Read(ref _applied)?.TrySetResult();
        return true;
    }

    /// <summary>Ends the wait of the raising caller. Returns true if the code that ends the wait must then call <see cref="Release"/>.</summary>
    public bool End() => Interlocked.Exchange(ref _isOver, 1) == 0;

    /// <summary>Resumes the raising caller before this method returns.</summary>
    public void Release() => _core.SetResult(result: true);

    public Operation GetResult(short token)
    {
        _core.GetResult(token);
        _cancellation.Dispose();
        if (!operation.IsApplied)
            _token.ThrowIfCancellationRequested();
        return operation;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private static void Cancelled(Tuple<OperationWait, Action<OperationWait>> cancelled) => cancelled.Item2(cancelled.Item1);
}
