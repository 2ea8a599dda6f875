using System.Threading.Tasks.Sources;

namespace Unstale.Horizon;

/// <summary>
/// Who waits for an operation: the caller who raised it, for a limited time, and whoever asks later until it is in the log. Ended once,
/// by whichever comes first: the log, the deadline, the caller's cancellation.
/// </summary>
internal sealed class OperationWait(Operation operation) : IValueTaskSource<Operation>
{
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private TaskCompletionSource? _applied;
    private int _isTold;
    private int _isOver;

    /// <summary>The caller goes on already, or is about to.</summary>
    public bool IsOver => Volatile.Read(ref _isOver) == 1;

    /// <summary>The caller's wait; taken once, and before anything can end it but <see cref="End"/>.</summary>
    public ValueTask<Operation> BeginAsync(Action<OperationWait> cancelled, CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static state => Cancelled((Tuple<OperationWait, Action<OperationWait>>)state!), Tuple.Create(this, cancelled));
        return new(this, _core.Version);
    }

    /// <summary>Somebody asked for <see cref="Applied"/>.</summary>
    public bool IsWaitedFor => Volatile.Read(ref _applied) is not null;

    /// <summary>Ends when the operation is in the log, however long that takes.</summary>
    public Task Applied
    {
        get
        {
            var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var applied = Interlocked.CompareExchange(ref _applied, mine, null) ?? mine;
            operation.CoveredBy?.Covers!.Hold(operation);

            // Either this sees that it was told, or Tell sees the task: each writes before it reads.
            if (Volatile.Read(ref _isTold) == 1)
                applied.TrySetResult();
            return applied.Task;
        }
    }

    /// <summary>The operation is in the log. True the first time.</summary>
    public bool Tell()
    {
        if (Interlocked.Exchange(ref _isTold, 1) == 1)
            return false;
        Volatile.Read(ref _applied)?.TrySetResult();
        return true;
    }

    /// <summary>True for the one who is to call <see cref="Release"/>.</summary>
    public bool End() => Interlocked.Exchange(ref _isOver, 1) == 0;

    /// <summary>The caller goes on before this returns.</summary>
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
