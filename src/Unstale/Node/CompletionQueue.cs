using Unstale.Horizon;

namespace Unstale.Node;

/// <summary>
/// Resumes callers at the end of their wait: one after the other on a thread of the pool, which is cheap for many at once. While another caller is
/// due, the pool has a work item for it, so a caller that blocks delays no other.
/// </summary>
internal sealed class CompletionQueue : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<PendingAppend> _due = new();
    private bool _isQueued;

    /// <summary>Ends the wait, unless already ended.</summary>
    public void End(PendingAppend append)
    {
        if (!append.EndWait())
            return;
        lock (_gate)
        {
            _due.Enqueue(append);
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
        while (TryDequeue(out var append, out var queue))
        {
            if (queue)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            append!.ResumeCaller();
        }
    }

    private bool TryDequeue(out PendingAppend? append, out bool queue)
    {
        queue = false;
        lock (_gate)
        {
            if (!_due.TryDequeue(out append))
                return false;
            if (_due.Count > 0 && !_isQueued)
                _isQueued = queue = true;
            return true;
        }
    }
}
