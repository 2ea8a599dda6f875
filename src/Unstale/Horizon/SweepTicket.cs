namespace Unstale.Horizon;

/// <summary>Counts what a sweep removed on behalf of one invalidation.</summary>
internal sealed class SweepTicket
{
    private TaskCompletionSource<long>? _waiters;
    private int _isFinished;
    private long _removed;

    /// <summary>Ends when the pass that serves the invalidation has gone through every cache. Costs a task only where it is asked for.</summary>
    public Task<long> Done
    {
        get
        {
            var mine = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var waiters = Interlocked.CompareExchange(ref _waiters, mine, null) ?? mine;

            // Either this sees that it is finished, or Finish sees the waiters: each writes before it reads.
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
