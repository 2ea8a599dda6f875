namespace Unstale.PostgreSql.Connection;

/// <summary>Wakes a waiting loop. Several signals during one pass of the loop count as one.</summary>
internal sealed class WakeSignal
{
    private TaskCompletionSource _next = Create();

    /// <summary>Task that completes with the next signal. Must be read before the state is checked, so that no signal is missed.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Set() => Interlocked.Exchange(ref _next, Create()).TrySetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
