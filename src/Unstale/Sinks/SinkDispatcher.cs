using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Sinks;

/// <summary>
/// Delivers the invalidations of a log to one sink, in order and without blocking the log. A failed call is repeated until it succeeds. After a few
/// attempts "everything" replaces all queued records, so that one record that the sink cannot process does not end the delivery.
/// </summary>
internal sealed class SinkDispatcher : IRecordListener, IAsyncDisposable
{
    private const int AttemptsOfOne = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly SinkIdentity _identity;
    private readonly Func<IInvalidationSink> _find;
    private readonly SinkOptions _options;
    private readonly SinkQueue _queue;
    private readonly TimeSpan _shutdownLimit;
    private readonly GuardedTime _time;
    private readonly GuardedLogger _logger;
    private readonly SinkMetrics _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IInvalidationSink? _sink;
    private SinkCapabilities _capabilities;
    private bool _loggedMissed;
    private int _loggedLost;
    private bool _isFailing;
    private volatile bool _isGivenUp;
    private int _disposed;

    /// <summary>Whether the node has found its position in the log. Changed under the horizon's lock.</summary>
    private bool _hasStarted;

    /// <param name="identity">Identity of the sink.</param>
    /// <param name="find">Returns the sink. Called when there is something to deliver or the host starts, not before: the sink may need the cache.</param>
    /// <param name="options">Options of the sink.</param>
    /// <param name="shutdownLimit">Maximum wait for the sink on disposal.</param>
    /// <param name="time">Clock for pauses and the limit.</param>
    /// <param name="logger">Logger for outages.</param>
    /// <param name="metrics">Metrics of the sink.</param>
    public SinkDispatcher(
        SinkIdentity identity, Func<IInvalidationSink> find, SinkOptions options, TimeSpan shutdownLimit, GuardedTime time, GuardedLogger logger, SinkMetrics metrics)
    {
        (_identity, _find, _options, _shutdownLimit, _time, _logger, _metrics) = (identity, find, options, shutdownLimit, time, logger, metrics);
        _queue = new SinkQueue(options.QueueCapacity);
        _stopped = _stop.Token;
        metrics.Follow(() => _queue.Count);
    }

    public void Passed(in LogPosition position, InvalidationRecord record)
    {
        _hasStarted = true;
        if (_queue.Add(position, record))
            Begin();
    }

    public void Skipped(in LogPosition position)
    {
        var isStart = !_hasStarted;
        _hasStarted = true;
        if (isStart && !_options.EverythingAtStart)
            return;
        if (_queue.AddEverything(position))
            Begin();
    }

    /// <summary>Returns the sink. Refuses one that cannot be kept coherent.</summary>
    /// <exception cref="InvalidOperationException">The sink does not support "everything", and the options do not accept this.</exception>
    public IInvalidationSink Find()
    {
        if (Volatile.Read(ref _sink) is { } known)
            return known;
        var sink = _find();
        var capabilities = sink.Capabilities;
        if (!_options.AcceptsPartial && !Has(capabilities, SinkCapabilities.Everything))
            throw Errors.PartialSink(_identity.Name, _identity.Cache, capabilities);
        _capabilities = capabilities; // before the sink becomes visible
        return Interlocked.CompareExchange(ref _sink, sink, null) ?? sink; // the host start and the first record may find the sink concurrently
    }

    /// <summary>
    /// Waits until all queued records are delivered, but no longer than the limit. After the limit has elapsed once, later calls do not wait.
    /// </summary>
    public async Task DrainAsync()
    {
        _ending.TrySetResult();
        if (_isGivenUp)
            return;
        var idle = _queue.Idle;
        await idle.WaitAsync(_shutdownLimit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isGivenUp = !idle.IsCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await DrainAsync().ConfigureAwait(false);
        if (!_queue.Idle.IsCompleted)
            LogLost();
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        _stop.Dispose();
        _metrics.Dispose();
    }

    /// <summary>
    /// Starts the delivery. Only queues the work, because the horizon's lock is held. The context of the invalidating caller does not flow to the sink.
    /// </summary>
    private void Begin() => ThreadPool.UnsafeQueueUserWorkItem(static dispatcher => _ = dispatcher.RunAsync(), this, preferLocal: false);

    private async Task RunAsync()
    {
        while (_queue.TryTake(CanEverything, out var waiting))
        {
            for (var attempt = 1; !await TryTellAsync(waiting).ConfigureAwait(false); attempt++)
            {
                if (!await PauseAsync(attempt).ConfigureAwait(false))
                    return;
                if (attempt >= AttemptsOfOne && CanEverything)
                    waiting = _queue.Collapse();
            }
        }
    }

    /// <summary>
    /// Whether "everything" may replace the queued records. Before the sink is found, queued records are retained if the sink may lack the capability.
    /// </summary>
    private bool CanEverything => !_options.AcceptsPartial || (Volatile.Read(ref _sink) is not null && Has(_capabilities, SinkCapabilities.Everything));

    private async Task<bool> TryTellAsync(SinkQueue.Waiting waiting)
    {
        var failure = await UserCode.CallAsync(CallOut.Sink, (Dispatcher: this, waiting), static s => s.Dispatcher.DeliverAsync(s.waiting)).ConfigureAwait(false);
        if (failure is null)
        {
            Succeeded();
            return true;
        }

        if (failure is ObjectDisposedException && Volatile.Read(ref _disposed) != 0)
        {
            if (_sink is null)
                LogLost();
            return true; // disposed with the services, so the sink holds no entries any more
        }

        if (!_stopped.IsCancellationRequested)
            Failed(failure);
        return false;
    }

    private async ValueTask DeliverAsync(SinkQueue.Waiting waiting)
    {
        var sink = Find();
        var words = new SinkTranslator(_capabilities);
        var invalidation = waiting.Record is { } record ? words.Translate(waiting.Position, record) : words.Everything(waiting.Position);
        if (invalidation is not null)
            await sink.InvalidateAsync(invalidation, _stopped).ConfigureAwait(false);
        Count(waiting, words, _capabilities);
    }

    private void Count(in SinkQueue.Waiting waiting, SinkTranslator words, SinkCapabilities capabilities)
    {
        _metrics.Delivered(isRecord: waiting.Record is not null, words.Widened, words.Missed);
        if (words.Missed == 0 || _loggedMissed)
            return;
        _loggedMissed = true;
        _logger.SinkMissed(_identity.Log, _identity.Name, capabilities);
    }

    private void LogLost()
    {
        if (Interlocked.Exchange(ref _loggedLost, 1) == 0)
            _logger.SinkLost(_identity.Log, _identity.Name, _queue.Count + 1, _shutdownLimit); // includes the record in delivery
    }

    private void Failed(Exception exception)
    {
        _metrics.Failed();
        if (_isFailing)
            return;
        _isFailing = true;
        _logger.SinkFailed(exception, _identity.Log, _identity.Name);
    }

    private void Succeeded()
    {
        if (!_isFailing)
            return;
        _isFailing = false;
        _logger.SinkRecovered(_identity.Log, _identity.Name);
    }

    /// <summary>Waits before the next attempt. Returns false once the delivery is stopped. The start of a shutdown ends the pause early, once.</summary>
    private async Task<bool> PauseAsync(int attempt)
    {
        var isEnding = _ending.Task.IsCompleted;
        var pause = isEnding ? FirstPause : PauseAfter(attempt);
        var wait = isEnding ? Task.Delay(pause, _time, _stopped) : _ending.Task.WaitAsync(pause, _time, _stopped);
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stopped.IsCancellationRequested;
    }

    private static TimeSpan PauseAfter(int attempt) =>
        attempt > 8 ? LongestPause : FirstPause * (1 << attempt - 1);

    private static bool Has(SinkCapabilities capabilities, SinkCapabilities ability) => (capabilities & ability) != SinkCapabilities.None;
}
