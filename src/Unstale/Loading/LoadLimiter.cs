using Unstale.Values;

namespace Unstale.Loading;

/// <summary>
/// Limits the running and the waiting loads to protect the source while this node is not trusted, or after a reset, when every read reaches the
/// source. A load awaited by a load with a slot needs none: waiting for a slot of its own could deadlock.
/// </summary>
internal sealed class LoadLimiter(string cache, int atOnce, int waiting)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _queue = [];
    private int _running;

    /// <param name="load">Load that needs a slot.</param>
    /// <param name="why">Reason why the load needs a slot, for the message.</param>
    /// <param name="cancellationToken">Cancels the wait for a slot.</param>
    /// <returns>True if the load received a slot, which the caller must release.</returns>
    public async ValueTask<bool> EnterAsync(Load load, string why, CancellationToken cancellationToken)
    {
        if (AmbientLoad.IsCarried(load))
            return false;
        LinkedListNode<TaskCompletionSource<bool>>? place = null;
        lock (_gate)
        {
            if (_running < atOnce)
                _running++;
            else if (_queue.Count < waiting)
                place = _queue.AddLast(new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
            else
                throw Errors.LoadLimit(cache, why, atOnce, waiting);
        }

        if (place is not null && !await WaitAsync(load, place, cancellationToken).ConfigureAwait(false))
            return false;
        AmbientLoad.Carry(load);
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

    /// <summary>Waits until the load receives a slot, no longer needs one, or is cancelled. Returns true if the load received a slot.</summary>
    private async ValueTask<bool> WaitAsync(Load load, LinkedListNode<TaskCompletionSource<bool>> place, CancellationToken cancellationToken)
    {
        AmbientLoad.WaitAtGate(load, place.Value);
        using var leaves = cancellationToken.UnsafeRegister(
            static (waiter, token) => ((TaskCompletionSource<bool>)waiter!).TrySetCanceled(token), place.Value);
        try
        {
            return await place.Value.Task.ConfigureAwait(false);
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
}
