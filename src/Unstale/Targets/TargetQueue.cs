using Unstale.Log;

namespace Unstale.Targets;

/// <summary>
/// What one target has not been told yet, in order. What does not fit, and what the node has not heard itself, becomes one "everything"
/// in place of all that waits. Says when somebody has to begin telling, so that nobody stands by while nothing waits.
/// </summary>
internal sealed class TargetQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = [];
    private LogPosition _last;
    private bool _everything;
    private bool _isTold;
    private TaskCompletionSource? _idle;

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count + (_everything ? 1 : 0);
        }
    }

    /// <summary>Ends when nothing waits and nobody tells.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
                return _isTold ? (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <returns>True if telling has to begin.</returns>
    public bool Add(in LogPosition position, InvalidationRecord record)
    {
        lock (_gate)
        {
            _last = position;
            if (_waiting.Count < capacity)
                _waiting.Enqueue(new Waiting(position, record));
            else
                _everything = true;
            return Begins_NeedsLock();
        }
    }

    /// <returns>True if telling has to begin.</returns>
    public bool AddEverything(in LogPosition position)
    {
        lock (_gate)
        {
            _last = position;
            _everything = true;
            return Begins_NeedsLock();
        }
    }

    /// <summary>The next; false, and telling is over, if there is none.</summary>
    /// <param name="canEverything">Else what waits is told all the same, and "everything" only comes before it so that it is counted.</param>
    /// <param name="next">Without a record it is "everything".</param>
    public bool TryTake(bool canEverything, out Waiting next)
    {
        lock (_gate)
        {
            if (_everything)
            {
                next = Collapse_NeedsLock(canEverything);
                return true;
            }

            if (_waiting.TryDequeue(out next))
                return true;
            _isTold = false;
            _idle?.TrySetResult();
            _idle = null;
            return false;
        }
    }

    /// <summary>"Everything" in place of all that waits.</summary>
    public Waiting Collapse()
    {
        lock (_gate)
            return Collapse_NeedsLock(forgets: true);
    }

    private Waiting Collapse_NeedsLock(bool forgets)
    {
        _everything = false;
        if (forgets)
            _waiting.Clear();
        return new Waiting(_last, null);
    }

    private bool Begins_NeedsLock()
    {
        var begins = !_isTold;
        _isTold = true;
        return begins;
    }

    /// <param name="Position">Where the log stands with it.</param>
    /// <param name="Record">Null for everything.</param>
    public readonly record struct Waiting(LogPosition Position, InvalidationRecord? Record);
}
