using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Connection;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>
/// Receives the messages of one channel and passes them on, one at a time and in order, from a queue that is limited in messages and in bytes. A slow
/// handler delays only itself. A gap is reported at its position in the sequence: after a lost subscription, and when the queue was full.
/// </summary>
internal sealed class ChannelListener : IRedisListener, IAsyncDisposable
{
    // Markers, compared by reference: an empty payload is an ordinary message.
    private static readonly byte[] Gap = new byte[1];
    private static readonly byte[] WakeUp = new byte[1];
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GapPause = TimeSpan.FromSeconds(1);

    private readonly RedisConnections _hub;
    private readonly Func<byte[], CancellationToken, ValueTask> _received;
    private readonly Func<long?, CancellationToken, ValueTask>? _missed;
    private readonly ChannelStatistics _statistics;
    private readonly GuardedLogger _logger;
    private readonly WorkQueue<byte[]> _queue;
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waitingBytes;
    private int _overflowed;
    private int _loggedFull;
    private long? _lastGap;
    private long _link;
    private bool _wasUp;
    private volatile bool _isUp;

    /// <param name="hub">Hub that carries the subscription. It is started here.</param>
    /// <param name="channel">Name of the channel.</param>
    /// <param name="capacity">Maximum number of waiting messages.</param>
    /// <param name="received">Handler of a message. Must not throw.</param>
    /// <param name="missed">
    /// Called when messages may have been missed: before the link with this number, or, with null, because messages arrived too fast. Called again if it
    /// throws.
    /// </param>
    /// <param name="statistics">Counters of gaps and dropped messages.</param>
    /// <param name="logger">Log of gaps and dropped messages.</param>
    public ChannelListener(
        RedisConnections hub, string channel, int capacity, Func<byte[], CancellationToken, ValueTask> received, Func<long?, CancellationToken, ValueTask>? missed,
        ChannelStatistics statistics, GuardedLogger logger)
    {
        (_hub, Channel, _received, _missed, _statistics, _logger) = (hub, channel, received, missed, statistics, logger);
        _queue = new(capacity, ShutdownTimeout, hub.TimeProvider, HandOnAsync, failure => logger.WorkFailed(failure, channel));
        hub.Add(this);
        hub.Start();
    }

    public string Channel { get; }

    /// <summary>Completes when the channel is subscribed for the first time.</summary>
    public Task Subscribed => _subscribed.Task;

    public bool IsSubscribed => _isUp;

    public void LinkUp(RedisSession link)
    {
        _isUp = true;
        Volatile.Write(ref _link, link.Number);
        _subscribed.TrySetResult();
        if (_wasUp && !_queue.TryAdd(Gap))
            Overflow();

        _wasUp = true;
    }

    public void LinkDown(RedisSession link, Exception why) => _isUp = false;

    public void Pushed(byte[] payload)
    {
        // A single message is queued at any length: the handler rejects one that is too long.
        var waiting = Interlocked.Add(ref _waitingBytes, payload.Length);
        if ((waiting > MessageLimits.WaitingBytes && waiting > payload.Length) || !_queue.TryAdd(payload))
        {
            Interlocked.Add(ref _waitingBytes, -payload.Length);
            _statistics.Count(static figures => figures with { Dropped = figures.Dropped + 1 });
            Overflow();
        }
    }

    public void PushesLost() => Overflow();

    public ValueTask DisposeAsync()
    {
        _hub.Remove(this);
        _subscribed.TrySetCanceled();
        return _queue.DisposeAsync();
    }

    private void Overflow()
    {
        if (Interlocked.Exchange(ref _loggedFull, 1) == 0)
            _logger.ChannelOverflowed(Channel);

        Volatile.Write(ref _overflowed, 1);

        // The reader may have emptied the queue before the flag was set.
        _queue.TryAdd(WakeUp);
    }

    private async ValueTask HandOnAsync(ChannelReader<byte[]> waiting, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && waiting.TryRead(out var payload))
        {
            if (payload == Gap)
            {
                await NotifyGapAsync(Volatile.Read(ref _link), stop).ConfigureAwait(false);
            }
            else if (payload != WakeUp)
            {
                Interlocked.Add(ref _waitingBytes, -payload.Length);
                await _received(payload, stop).ConfigureAwait(false);
            }

            if (Volatile.Read(ref _overflowed) == 1 && IsGapDue(waiting.Count))
            {
                Volatile.Write(ref _overflowed, 0);
                await NotifyGapAsync(link: null, stop).ConfigureAwait(false);
                Volatile.Write(ref _loggedFull, waiting.Count == 0 ? 0 : 1);
            }
        }
    }

    /// <summary>Whether to report a gap now. While messages arrive faster than they are handled, one report per second is enough.</summary>
    private bool IsGapDue(int waiting) => waiting == 0 || _lastGap is not { } last || _hub.TimeProvider.GetElapsedTime(last) >= GapPause;

    private async Task NotifyGapAsync(long? link, CancellationToken stop)
    {
        _lastGap = _hub.TimeProvider.GetTimestamp();
        _statistics.Count(static figures => figures with { Gaps = figures.Gaps + 1 });
        _logger.ChannelGap(Channel);
        if (_missed is { } missed
            && await UserCode.CallAsync(CallOut.Handler, (missed, link, stop), static s => s.missed(s.link, s.stop)).ConfigureAwait(false) is { } error)
        {
            _statistics.Count(static figures => figures with { Errors = figures.Errors + 1 });
            _logger.GapCallbackFailed(error, Channel);
            _ = RetryGapAsync(stop);
        }
    }

    private async Task RetryGapAsync(CancellationToken stop)
    {
        await Task.Delay(GapPause, _hub.TimeProvider, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_queue.TryAdd(Gap) && !stop.IsCancellationRequested)
            Volatile.Write(ref _overflowed, 1);
    }
}
