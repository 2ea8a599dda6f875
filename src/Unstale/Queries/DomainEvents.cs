using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>Passes events to subscribers, either immediately or in the background through a bounded queue with one worker.</summary>
internal sealed class DomainEvents : IDomainEvents, IDisposable, IAsyncDisposable
{
    private static readonly object Wake = new();

    private readonly string _cache;
    private readonly DomainEventOptions _options;
    private readonly GuardedLogger _logger;
    private readonly GuardedTime _time;
    private readonly Subscriptions _subscriptions = new();
    private readonly Channel<object> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly EventQueueMetrics _metrics;
    private readonly Task _run;
    private long _lost;
    private int _disposed;
    private volatile bool _isLate;

    public DomainEvents(string cache, DomainEventOptions options, GuardedLogger logger, GuardedTime time, System.Diagnostics.Metrics.IMeterFactory? meters)
    {
        (_cache, _options, _logger, _time) = (cache, options, logger, time);
        _queue = Channel.CreateBounded<object>(options.QueueCapacity);
        _metrics = new EventQueueMetrics(meters, cache, () => _queue.Reader.Count);
        _run = WithoutExecutionContext.Run(RunAsync);
    }

    public IDisposable Subscribe<TEvent>(Func<TEvent, CancellationToken, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _subscriptions.Add(typeof(TEvent), (e, token) => handler((TEvent)e, token), onLost: null);
    }

    public IDisposable SubscribeAll(Func<object, CancellationToken, ValueTask> handler, Func<CancellationToken, ValueTask>? onLost = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _subscriptions.Add(typeof(object), handler, onLost);
    }

    public async ValueTask PublishAsync(object domainEvent, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(domainEvent);
        ThrowIfEnded();
        if (await _subscriptions.HandAsync(domainEvent, cancellationToken).ConfigureAwait(false) is { } failures)
            throw new AggregateException(failures);
    }

    public void Publish(object domainEvent)
    {
        ArgumentNullException.ThrowIfNull(domainEvent);
        ThrowIfEnded();
        if (_queue.Writer.TryWrite(domainEvent))
            return;
        Interlocked.Increment(ref _lost);
        _queue.Writer.TryWrite(Wake); // if the queue has room now, the worker may already have checked for lost events; if not, the check is still to follow
    }

    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        var mark = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(mark, cancellationToken).ConfigureAwait(false);
        await mark.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits during host shutdown until all events published so far are handled. After a timeout here, disposal does not wait again.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _disposed) != 0)
            return;
        var drained = DrainAsync(cancellationToken);
        await drained.WaitAsync(_options.ShutdownTimeout, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isLate |= !drained.IsCompletedSuccessfully;
    }

    /// <summary>Waits for the handlers up to the limit. Remaining events are lost, and subscribers of all events are notified of the loss.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _queue.Writer.TryComplete();
        await _run.WaitAsync(_isLate ? TimeSpan.Zero : _options.ShutdownTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        while (_queue.Reader.TryRead(out var left))
        {
            if (left is TaskCompletionSource mark)
                mark.TrySetException(Errors.EventsEnded(_cache));
            else if (left != Wake)
                Interlocked.Increment(ref _lost);
        }

        if (!_run.IsCompleted)
            Interlocked.Increment(ref _lost); // the event being handled
        await LogLostAsync($"{nameof(DomainEventOptions.ShutdownTimeout)} is {_options.ShutdownTimeout}", CancellationToken.None).ConfigureAwait(false);
        _metrics.Dispose();
        _stop.Dispose();
    }

    /// <summary>Supports containers that are not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private void ThrowIfEnded()
    {
        if (Volatile.Read(ref _disposed) != 0)
            throw Errors.EventsEnded(_cache);
    }

    private async Task RunAsync()
    {
        var stop = _stop.Token;
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (!stop.IsCancellationRequested && _queue.Reader.TryRead(out var next))
            {
                await HandleAsync(next, stop).ConfigureAwait(false);
                await LogLostAsync($"{nameof(DomainEventOptions.QueueCapacity)} is {_options.QueueCapacity}", stop).ConfigureAwait(false);
            }

            if (stop.IsCancellationRequested)
                return;
        }
    }

    private async ValueTask HandleAsync(object next, CancellationToken stop)
    {
        if (next is TaskCompletionSource mark)
        {
            mark.TrySetResult();
            return;
        }

        if (next != Wake && await _subscriptions.HandAsync(next, stop).ConfigureAwait(false) is { } failures)
            Report(failures, TypeNames.NameOf(next.GetType()));
    }

    private async ValueTask LogLostAsync(string limit, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _lost, 0) is not (> 0 and var lost))
            return;
        _metrics.Lost(lost);
        _logger.EventsLost(_cache, lost, limit);
        if (await _subscriptions.LostAsync(cancellationToken).ConfigureAwait(false) is { } failures)
            Report(failures, "(lost)");
    }

    private void Report(List<Exception> failures, string type)
    {
        _metrics.Failed(type);
        foreach (var failure in failures)
            _logger.HandlerFailed(failure, _cache, type);
    }
}
