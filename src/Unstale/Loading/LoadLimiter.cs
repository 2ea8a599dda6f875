using Unstale.Boundary;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>
/// Limits the running and the waiting loads. A load awaited by a load with a slot of the same or a higher rank needs none: waiting for a slot of its own could deadlock.
/// </summary>
/// <param name="cache">Name of the cache, for messages.</param>
/// <param name="setting">Setting that contains the limit, for messages.</param>
/// <param name="rank">Rank of the limit.</param>
/// <param name="limit">Numbers and times of the limit.</param>
/// <param name="time">Clock of the time limit.</param>
internal sealed class LoadLimiter(string cache, string setting, SlotRank rank, LoadLimit limit, GuardedTime time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _queue = [];
    private int _running;

    public SlotRank Rank => rank;

    public required LoadLimitMetrics Metrics { get; init; }

    /// <param name="load">Load that needs a slot.</param>
    /// <param name="protectedBecause">Reason why the source is protected, for the message; null if the limit is always in force.</param>
    /// <param name="cancellationToken">Cancels the wait for a slot.</param>
    /// <returns>True if the load received a slot, which the caller must release.</returns>
    public async ValueTask<bool> EnterAsync(Load load, string? protectedBecause, CancellationToken cancellationToken)
    {
        if (AmbientLoad.IsCarried(load, rank))
            return false;
        LinkedListNode<TaskCompletionSource<bool>>? place = null;
        lock (_gate)
        {
            if (_running < limit.MaximumLoads)
                _running++;
            else if (_queue.Count < limit.MaximumWaiting)
                place = _queue.AddLast(new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
            else
                throw Exceeded(protectedBecause);
        }

        if (place is not null && !await WaitAsync(load, place, cancellationToken).ConfigureAwait(false))
            return false;
        AmbientLoad.Carry(load, rank);
        return true;
    }

    /// <summary>Releases the slot to the load that has waited longest.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            while (_queue.First is { } next)
            {
                _queue.RemoveFirst();
                if (next.Value.TrySetResult(true))
                    return;
            }

            _running--;
        }
    }

    /// <summary>Waits until the load receives a slot, no longer needs one, has waited too long, or is cancelled. Returns true if the load received a slot.</summary>
    private async ValueTask<bool> WaitAsync(Load load, LinkedListNode<TaskCompletionSource<bool>> place, CancellationToken cancellationToken)
    {
        Metrics.Waited();
        AmbientLoad.WaitAtGate(load, place.Value, rank);
        using var leaves = cancellationToken.UnsafeRegister(
            static (waiter, token) => ((TaskCompletionSource<bool>)waiter!).TrySetCanceled(token), place.Value);
        try
        {
            return await place.Value.Task.WaitAsync(limit.SlotTimeout, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (!place.Value.TrySetCanceled(CancellationToken.None)) // the slot was granted, or is not needed any more
                return await place.Value.Task.ConfigureAwait(false);
            Metrics.Rejected();
            throw Errors.SlotTimeout(cache, setting, limit);
        }
        finally
        {
            lock (_gate)
            {
                if (place.List is not null)
                    _queue.Remove(place);
            }
        }
    }

    private LoadRejectedException Exceeded(string? protectedBecause)
    {
        Metrics.Rejected();
        return protectedBecause is null
            ? Errors.LoadLimit(cache, setting, limit)
            : Errors.UntrustedLoadLimit(cache, protectedBecause, limit.MaximumLoads, limit.MaximumWaiting);
    }
}
