namespace Unstale.Horizon;

/// <summary>Counts the entries removed by a sweep for one invalidation.</summary>
internal sealed class SweepResult : ISweepTicket
{
    private TaskCompletionSource<long>? _waiters;
    private int _isFinished;
    private long _removed;

    /// <summary>Task that completes when the pass for the invalidation has visited every cache. Allocated only on request.</summary>
    public Task<long> Done
    {
        get
        {
            var mine = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var waiters = Interlocked.CompareExchange(ref _waiters, mine, null) ?? mine;

            // Each side writes before it reads: either this thread sees the end, or Finish sees the waiters.
            if (Volatile.Read(ref _isFinished) == 1)
                waiters.TrySetResult(Interlocked.Read(ref _removed));
            return waiters.Task;
        }
    }

    public bool IsFinished => Volatile.Read(ref _isFinished) == 1;

    public void Count() => Interlocked.Increment(ref _removed); // several caches of one log may sweep at once

    public void Finish()
    {
        Interlocked.Exchange(ref _isFinished, 1);
        Volatile.Read(ref _waiters)?.TrySetResult(Interlocked.Read(ref _removed));
    }
}
