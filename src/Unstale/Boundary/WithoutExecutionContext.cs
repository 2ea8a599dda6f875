namespace Unstale.Boundary;

/// <summary>
/// Starts work that outlives its caller. The execution context of a caller (trace, user, tenant, transaction) would otherwise flow with
/// all of that work, and be held as long as the work lives.
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

    /// <summary>Runs a loop or a task of its own on the thread pool.</summary>
    public static Task Run(Func<Task> work) => Start(work, static w => Task.Run(w));

    /// <summary>Begins work on the thread pool that nobody waits for. The work must not fail.</summary>
    public static void Begin<TState>(TState state, Func<TState, Task> work) =>
        ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.work(s.state), (state, work), preferLocal: false);
}
