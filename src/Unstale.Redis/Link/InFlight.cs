using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>
/// Bounds the bytes of calls that the client holds: written or not, answered or not. The client's own queue has no limit. A call keeps its room
/// until the client is done with it, however early its caller gave up, so a server that answers nothing costs no more than the limit.
/// </summary>
internal sealed class InFlight(long limit, GuardedTime time)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TaskCompletionSource Turn, int Bytes)> _waiting = new();
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Takes room at once, or in turn as soon as there is some. A call that is larger than the limit goes alone.</summary>
    /// <exception cref="TimeoutException">There was none in time.</exception>
    public ValueTask EnterAsync(int bytes, TimeSpan longest, CancellationToken ct)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_waiting.Count == 0 && HasRoom_NeedsLock(bytes))
            {
                _bytes += bytes;
                return default;
            }

            _waiting.Enqueue((turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), bytes));
        }

        return WaitAsync(turn, bytes, longest, ct);
    }

    public void Leave(int bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
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
                Leave(bytes); // its turn came at the same moment
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
                _bytes += next.Bytes;
            }
        }
    }

    private bool HasRoom_NeedsLock(int bytes) => _bytes == 0 || _bytes + bytes <= limit;
}
