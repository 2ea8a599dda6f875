using Unstale.Log;

namespace Unstale.Sinks;

/// <summary>
/// Records that one sink has not received yet, in order. Records beyond the capacity, and records missed by the node itself, are replaced by one
/// "everything" together with all queued records. Reports when delivery must start, so that no worker idles while the queue is empty.
/// </summary>
internal sealed class SinkQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = [];
    private LogPosition _last;
    private bool _everything;
    private bool _isDelivering;
    private TaskCompletionSource? _idle;

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count + (_everything ? 1 : 0);
        }
    }

    /// <summary>Task that completes when the queue is empty and no delivery is running.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
                return _isDelivering ? (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <returns>True if delivery must start.</returns>
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

    /// <returns>True if delivery must start.</returns>
    public bool AddEverything(in LogPosition position)
    {
        lock (_gate)
        {
            _last = position;
            _everything = true;
            return Begins_NeedsLock();
        }
    }

    /// <summary>Dequeues the next item. Returns false, and ends the delivery, if there is none.</summary>
    /// <param name="canEverything">
    /// Whether the sink supports "everything". False: queued records are still delivered, and "everything" precedes them only to be counted.
    /// </param>
    /// <param name="next">Next item. An item without a record means "everything".</param>
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
            _isDelivering = false;
            _idle?.TrySetResult();
            _idle = null;
            return false;
        }
    }

    /// <summary>Replaces all queued records by one "everything".</summary>
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
        var begins = !_isDelivering;
        _isDelivering = true;
        return begins;
    }

    /// <param name="Position">Position of the log at this item.</param>
    /// <param name="Record">Record; null for everything.</param>
    public readonly record struct Waiting(LogPosition Position, InvalidationRecord? Record);
}
