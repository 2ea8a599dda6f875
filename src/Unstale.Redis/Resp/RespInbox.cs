namespace Unstale.Redis.Resp;

/// <summary>
/// Hands events from the reader of the socket to a handler that takes its time. It holds a limited number of pushes: one too many is
/// dropped and counted, and the handler is told so at that very place. Replies are never dropped: their number is that of the calls.
/// </summary>
internal sealed class RespInbox(RespConnection connection, RespEventHandler handler, int capacity) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<RespEvent> _events = new();
    private int _pushes;
    private int _lost;
    private bool _running;

    public void Add(in RespEvent e)
    {
        if (Put(e))
        {
            Queue();
        }
    }

    /// <summary>True if nobody hands events on, and whoever called has to see to it: by <see cref="Queue"/> or <see cref="Execute"/>.</summary>
    public bool Put(in RespEvent e)
    {
        lock (_gate)
        {
            if (e.Kind == RespEventKind.Push && _pushes >= capacity)
            {
                // Stands behind all that is held; what is accepted next is put behind it.
                _lost++;
                return false;
            }

            Enqueue_NeedsLock(e);
            return !_running && (_running = true);
        }
    }

    public void Queue() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public void Execute()
    {
        while (TryTake(out var e))
        {
            try
            {
                handler(connection, e);
            }
            catch (Exception error)
            {
                // What the handler knows is broken; a new connection begins anew.
                connection.Close(Errors.HandlerFailed(connection.Name, error));
            }
        }
    }

    private void Enqueue_NeedsLock(in RespEvent e)
    {
        if (_lost > 0)
        {
            _events.Enqueue(RespEvent.Loss(_lost));
            _lost = 0;
        }

        _pushes += e.Kind == RespEventKind.Push ? 1 : 0;
        _events.Enqueue(e);
    }

    private bool TryTake(out RespEvent e)
    {
        lock (_gate)
        {
            if (_events.TryDequeue(out e))
            {
                _pushes -= e.Kind == RespEventKind.Push ? 1 : 0;
                return true;
            }

            if (_lost > 0)
            {
                e = RespEvent.Loss(_lost);
                _lost = 0;
                return true;
            }

            return _running = false;
        }
    }
}
