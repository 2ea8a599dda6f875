namespace Unstale.Node;

/// <summary>Notifies waiting callers of a possible change of the node's state. Without waiting callers the cost is one read.</summary>
internal sealed class NodeNews
{
    private TaskCompletionSource? _next;

    /// <summary>
    /// Task that completes with the next notification. Must be read before the state is checked, so that no notification is missed.
    /// </summary>
    public Task Next
    {
        get
        {
            if (Volatile.Read(ref _next) is { } known)
                return known.Task;
            var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _next, made, null) ?? made).Task;
        }
    }

    public void Tell()
    {
        if (Volatile.Read(ref _next) is not null)
            Interlocked.Exchange(ref _next, null)?.TrySetResult();
    }
}
