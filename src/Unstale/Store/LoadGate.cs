namespace Unstale.Store;

/// <summary>
/// Protects the source while this node is not trusted, or has just forgotten everything, and every read goes there: so many loads at
/// once, so many waiting. A load that one with a place waits for needs none of its own: the place would never be free.
/// </summary>
internal sealed class LoadGate(string cache, int atOnce, int waiting)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _queue = [];
    private int _running;

    /// <param name="fill">Who wants to load.</param>
    /// <param name="why">Reason why the load needs a place, for the message.</param>
    /// <param name="cancellationToken">Gives the place up.</param>
    /// <returns>True if it was given a place, which it has to leave.</returns>
    public async ValueTask<bool> EnterAsync(Fill fill, string why, CancellationToken cancellationToken)
    {
        if (FillScope.IsCarried(fill))
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

        if (place is not null && !await WaitAsync(fill, place, cancellationToken).ConfigureAwait(false))
            return false;
        FillScope.Carry(fill);
        return true;
    }

    /// <summary>Hands the place on to who has waited longest.</summary>
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

    /// <summary>Ends with the place, without one if it is not needed any more, or cancelled: whichever comes first.</summary>
    private async ValueTask<bool> WaitAsync(Fill fill, LinkedListNode<TaskCompletionSource<bool>> place, CancellationToken cancellationToken)
    {
        FillScope.WaitAtGate(fill, place.Value);
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
