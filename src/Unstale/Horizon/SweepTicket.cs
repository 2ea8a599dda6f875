namespace Unstale.Horizon;

/// <summary>Counts what a sweep removed on behalf of one invalidation.</summary>
internal sealed class SweepTicket
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _removed;

    /// <summary>Ends when the pass that serves the invalidation has gone through every cache.</summary>
    public Task<long> Done => _done.Task;

    public void Count() => Interlocked.Increment(ref _removed); // several caches of one log may sweep at once

    public void Finish() => _done.TrySetResult(Interlocked.Read(ref _removed));
}
