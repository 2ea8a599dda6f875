namespace Unstale.Node;

/// <summary>Tells those who wait that the node has heard something. Where nobody waits it costs one look.</summary>
internal sealed class NodeNews
{
    private TaskCompletionSource? _next;

    /// <summary>Ends with the next news. Taken before the state is looked at, so that none slips through between.</summary>
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
