using Unstale.Log;

namespace Unstale.Tests.Remote;

/// <summary>Connection of one node to the in-memory server: calls, and pushes one at a time in order.</summary>
internal sealed class InMemorySession : ILogSession
{
    private readonly InMemoryServer _server;
    private readonly ServerFaults _faults;
    private readonly ILogObserver _observer;
    private readonly Queue<Action<ILogObserver>> _news = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource? _lost;
    private bool _draining;

    internal InMemorySession(InMemoryServer server, ServerFaults faults, ILogObserver observer)
    {
        _server = server;
        _faults = faults;
        _observer = observer;
        Node = server.NewNode();
        server.Add(this);
    }

    public int Node { get; }

    /// <summary>Number of the connection, incremented with each one.</summary>
    public int Connection { get; private set; }

    /// <summary>Whether pushes are held. Held pushes are delivered with the first delivery after a reset of this flag.</summary>
    public bool HoldsPushes { get; set; }

    /// <summary>The last tail sent, whether completed or not.</summary>
    public TailRequest? LastTail { get; private set; }

    /// <summary>Duration of the session's first disposal.</summary>
    public Task Ending { get; set; } = Task.CompletedTask;

    public void Cut()
    {
        TaskCompletionSource? lost;
        lock (_gate)
        {
            (lost, _lost) = (_lost, null);
            _news.Clear();
            if (lost is not null)
                _news.Enqueue(static o => o.Disconnected());
        }

        lost?.TrySetException(new IOException("The connection was cut."));
        Drain();
    }

    public void Reconnect()
    {
        lock (_gate)
        {
            if (_lost is not null)
                return;
            _lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = _lost.Task.ContinueWith(static t => t.Exception, TaskScheduler.Default);
            Connection++;
            _news.Enqueue(static o => o.Connected());
        }

        Drain();
    }

    public ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken)
    {
        var sent = records.ToArray(); // a call may be executed after its connection is lost, when the caller reuses the memory
        return CallAsync(ServerScript.Append, _ => Array.ConvertAll(sent, record => _server.Append(() => _server.Scripts.Append(record)))[0], cancellationToken);
    }

    public ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken)
    {
        LastTail = request;
        return CallAsync(ServerScript.Tail, connection => _server.Scripts.Tail(request, Node, connection), cancellationToken);
    }

    public async ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken) =>
        await CallAsync(ServerScript.Create, _ => Created(instead), cancellationToken);

    public ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken) =>
        CallAsync(ServerScript.Members, _ => _server.Members(), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _server.Remove(this);
        _server.Read(d => d.Members.Remove(Node));
        lock (_gate)
        {
            _lost?.TrySetException(new ObjectDisposedException(nameof(InMemorySession)));
            _lost = null;
            _news.Clear();
        }

        var ending = Ending;
        Ending = Task.CompletedTask;
        return new(ending);
    }

    /// <summary>Sends a call over the present connection. The loss of the connection loses the reply, but the call may still be executed.</summary>
    internal async ValueTask<T> CallAsync<T>(ServerScript script, Func<int, T> execute, CancellationToken cancellationToken)
    {
        TaskCompletionSource lost;
        int connection;
        lock (_gate)
        {
            lost = _lost ?? throw new IOException("There is no connection.");
            connection = Connection;
        }

        var call = RunAsync(script, () => execute(connection));
        _ = call.ContinueWith(static t => t.Exception, TaskScheduler.Default);
        if (!call.IsCompleted)
            await Task.WhenAny(call, lost.Task).WaitAsync(cancellationToken);
        if (lost.Task.IsFaulted)
            await lost.Task;
        return await call;
    }

    internal void Push(Generation generation, LoggedRecord record)
    {
        lock (_gate)
        {
            if (_lost is not null && !_faults.DropsPushes && !_server.Faults.DropsPushes)
                _news.Enqueue(o => o.Pushed(0, generation, record));
        }
    }

    internal void AskToConfirm()
    {
        lock (_gate)
        {
            if (_lost is not null)
                _news.Enqueue(static o => o.Missed(0));
        }
    }

    internal void Drain()
    {
        while (true)
        {
            Action<ILogObserver>? next;
            lock (_gate)
            {
                if (_draining || HoldsPushes || !_news.TryDequeue(out next))
                    return;
                _draining = true;
            }

            next(_observer);
            lock (_gate)
                _draining = false;
        }
    }

    private async Task<T> RunAsync<T>(ServerScript script, Func<T> execute)
    {
        await _server.Faults.BeforeAsync(script);
        await _faults.BeforeAsync(script);
        var result = _server.Execute(execute);
        _server.Deliver();
        await _faults.AfterAsync(script);
        await _server.Faults.AfterAsync(script);
        return result;
    }

    private bool Created(Generation instead)
    {
        _server.Scripts.Create(instead);
        return true;
    }
}
