using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>
/// Limits the bytes of calls held by the client, written or not, with or without a reply. The client's own queue has no limit. An abandoned call
/// occupies room until a later call receives a reply or the connection is lost, because the client may still hold the call. One call is always admitted,
/// so a later reply is always possible.
/// </summary>
internal sealed class InFlight(long limit, GuardedTime time)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TaskCompletionSource Turn, int Bytes)> _waiting = new();
    private long _active;
    private long _given;

    /// <summary>Bytes of calls with a waiting caller, and of abandoned calls.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _active + _given;
        }
    }

    /// <summary>Reserves room at once, or in turn as soon as there is room. A call larger than the limit is sent alone.</summary>
    /// <exception cref="TimeoutException">There was no room in time.</exception>
    public ValueTask EnterAsync(int bytes, TimeSpan longest, CancellationToken ct)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_waiting.Count == 0 && HasRoom_NeedsLock(bytes))
            {
                _active += bytes;
                return default;
            }

            _waiting.Enqueue((turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), bytes));
        }

        return WaitAsync(turn, bytes, longest, ct);
    }

    /// <summary>Releases the room of a call that received a reply, and of all calls abandoned before.</summary>
    public void Completed(int bytes)
    {
        lock (_gate)
        {
            _active -= bytes;
            _given = 0;
            Admit_NeedsLock();
        }
    }

    /// <summary>Marks a call as abandoned by the caller. The room stays occupied, because the client may still hold the call.</summary>
    public void Abandoned(int bytes)
    {
        lock (_gate)
        {
            _active -= bytes;
            _given += bytes;
            Admit_NeedsLock();
        }
    }

    /// <summary>Releases the room of an unsent call.</summary>
    public void Withdrawn(int bytes)
    {
        lock (_gate)
        {
            _active -= bytes;
            Admit_NeedsLock();
        }
    }

    /// <summary>Releases the room of all abandoned calls, which the client lost with the connection.</summary>
    public void Lost()
    {
        lock (_gate)
        {
            _given = 0;
            Admit_NeedsLock();
        }
    }

    private async ValueTask WaitAsync(TaskCompletionSource turn, int bytes, TimeSpan longest, CancellationToken ct)
    {
        try
        {
            await turn.Task.WaitAsync(longest, time, ct).ConfigureAwait(false);
        }
        catch
        {
            if (!turn.TrySetCanceled(CancellationToken.None))
            {
                Withdrawn(bytes); // the turn was granted at the same moment
            }

            throw;
        }
    }

    private void Admit_NeedsLock()
    {
        while (_waiting.TryPeek(out var next) && (next.Turn.Task.IsCompleted || HasRoom_NeedsLock(next.Bytes)))
        {
            _waiting.Dequeue();
            if (next.Turn.TrySetResult())
                _active += next.Bytes;
        }
    }

    private bool HasRoom_NeedsLock(int bytes) => _active == 0 || _active + _given + bytes <= limit;
}
