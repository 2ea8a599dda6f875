using System.Threading.Channels;
using Unstale.Boundary;
using Unstale.Values;

namespace Unstale.Telemetry;

/// <summary>
/// Handlers of the events of one cache, and the bounded queue in front of them. Raising an event never blocks and calls no handler, so events are raised
/// under locks too. The worker starts with the first handler.
/// </summary>
internal sealed class CacheEventQueue(string cache, GuardedLogger logger)
{
    /// <summary>Number of events that may wait for the handlers.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Delegate?[] _handlers = new Delegate?[(int)CacheEventKind.Invalidated + 1];
    private Channel<(CacheEventKind Kind, EventArgs Args)>? _queue;
    private int _followsRecords;
    private bool _isEnded;
    private long _dropped;

    /// <summary>Sender of the events.</summary>
    public object? Sender { get; set; }

    /// <summary>Called when a kind of event has its first handler or no handler any more.</summary>
    public Action? Changed { get; set; }

    /// <summary>Called before the first handler for records of the log.</summary>
    public Action? FollowRecords { get; set; }

    public long Dropped => Interlocked.Read(ref _dropped);

    public bool Wants(CacheEventKind kind) => Volatile.Read(ref _handlers[(int)kind]) is not null;

    public void Add(CacheEventKind kind, Delegate? handler) => Change(kind, handlers => Delegate.Combine(handlers, handler));

    public void Remove(CacheEventKind kind, Delegate? handler) => Change(kind, handlers => Delegate.Remove(handlers, handler));

    public void Raise(CacheEventKind kind, EventArgs args)
    {
        if (Volatile.Read(ref _queue) is { } queue && !queue.Writer.TryWrite((kind, args)))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Raises no further event. Events that are waiting are still delivered.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _queue?.Writer.TryComplete();
        }
    }

    private void Change(CacheEventKind kind, Func<Delegate?, Delegate?> change)
    {
        if (kind == CacheEventKind.Invalidated && !Wants(kind) && Interlocked.Exchange(ref _followsRecords, 1) == 0)
            FollowRecords?.Invoke();
        lock (_gate)
        {
            Volatile.Write(ref _handlers[(int)kind], change(_handlers[(int)kind]));
            if (_queue is null && !_isEnded && Wants(kind))
            {
                var queue = Channel.CreateBounded<(CacheEventKind, EventArgs)>(new BoundedChannelOptions(Capacity) { SingleReader = true });
                Volatile.Write(ref _queue, queue);
                _ = WithoutExecutionContext.Run(() => DeliverAsync(queue.Reader));
            }
        }

        Changed?.Invoke();
    }

    private async Task DeliverAsync(ChannelReader<(CacheEventKind Kind, EventArgs Args)> events)
    {
        await foreach (var (kind, args) in events.ReadAllAsync().ConfigureAwait(false))
        {
            foreach (var handler in Volatile.Read(ref _handlers[(int)kind])?.GetInvocationList() ?? [])
            {
                if (UserCode.Call(CallOut.Handler, (Sender, handler, args), static s => Invoke(s.handler, s.Sender, s.args)) is { } failure)
                    logger.CacheEventHandlerFailed(failure, cache, kind);
            }
        }
    }

    private static void Invoke(Delegate handler, object? sender, EventArgs args)
    {
        switch (handler)
        {
            case EventHandler<CacheReadEventArgs> read:
                read(sender, (CacheReadEventArgs)args);
                break;
            case EventHandler<CacheRemovalEventArgs> removed:
                removed(sender, (CacheRemovalEventArgs)args);
                break;
            default:
                ((EventHandler<CacheInvalidationEventArgs>)handler)(sender, (CacheInvalidationEventArgs)args);
                break;
        }
    }
}
