namespace Unstale.Boundary;

/// <summary>
/// Starts work that outlives its caller. Otherwise the execution context of the caller (trace, user, tenant, transaction) would flow into all of the work,
/// and would be retained as long as the work runs.
/// </summary>
internal static class WithoutExecutionContext
{
    public static T Start<T>(Func<T> start) => Start(start, static s => s());

    public static T Start<TState, T>(TState state, Func<TState, T> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return start(state);
        using (ExecutionContext.SuppressFlow())
            return start(state);
    }

    /// <summary>Runs a loop or a separate task on the thread pool.</summary>
    public static Task Run(Func<Task> work) => Start(work, static w => Task.Run(w));

    /// <summary>Starts work on the thread pool without waiting for its end. The work must not fail.</summary>
    public static void Begin<TState>(TState state, Func<TState, Task> work) =>
        ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.work(s.state), (state, work), preferLocal: false);
}
