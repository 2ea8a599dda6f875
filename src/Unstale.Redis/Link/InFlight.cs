using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>
/// Bounds the bytes of calls that the client holds: written or not, answered or not. The client's own queue has no limit. A call that was given up
/// keeps its room, for the client may still hold it, until a later call is answered or the connection is lost. One call may always be on its way, so
/// that there is such an answer.
/// </summary>
internal sealed class InFlight(long limit, GuardedTime time)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TaskCompletionSource Turn, int Bytes)> _waiting = new();
    private long _active;
    private long _given;

    /// <summary>Bytes of calls that somebody waits for, and of those that were given up.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _active + _given;
            }
        }
    }

    /// <summary>Takes room at once, or in turn as soon as there is some. A call that is larger than the limit goes alone.</summary>
    /// <exception cref="TimeoutException">There was none in time.</exception>
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

    /// <summary>A call was answered, and so were those before it.</summary>
    public void Answered(int bytes)
    {
        lock (_gate)
        {
            _active -= bytes;
            _given = 0;
            Admit_NeedsLock();
        }
    }

    /// <summary>A call was given up: the client may hold it.</summary>
    public void GivenUp(int bytes)
    {
        lock (_gate)
        {
            _active -= bytes;
            _given += bytes;
            Admit_NeedsLock();
        }
    }

    /// <summary>A call was never sent.</summary>
    public void Withdrawn(int bytes)
    {
        lock (_gate)
        {
            _active -= bytes;
            Admit_NeedsLock();
        }
    }

    /// <summary>The connection was lost, and what the client held with it.</summary>
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
                Withdrawn(bytes); // its turn came at the same moment
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
            {
                _active += next.Bytes;
            }
        }
    }

    private bool HasRoom_NeedsLock(int bytes) => _active == 0 || _active + _given + bytes <= limit;
}
