using Unstale.Horizon;

namespace Unstale.Node;

/// <summary>
/// Lets callers go on whose wait is over: one after the other on a thread of the pool, as cheaply as many at once allow. While one more
/// is to go on, the pool holds a work item that sees to it, so a caller who blocks holds up nobody.
/// </summary>
internal sealed class Releases : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<OperationWait> _due = new();
    private bool _isQueued;

    /// <summary>Ends the wait, unless it is over.</summary>
    public void End(OperationWait wait)
    {
        if (!wait.End())
            return;
        lock (_gate)
        {
            _due.Enqueue(wait);
            if (_isQueued)
                return;
            _isQueued = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        lock (_gate)
            _isQueued = false;
        while (TryTake(out var wait, out var queue))
        {
            if (queue)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            wait!.Release();
        }
    }

    private bool TryTake(out OperationWait? wait, out bool queue)
    {
        queue = false;
        lock (_gate)
        {
            if (!_due.TryDequeue(out wait))
                return false;
            if (_due.Count > 0 && !_isQueued)
                _isQueued = queue = true;
            return true;
        }
    }
}
