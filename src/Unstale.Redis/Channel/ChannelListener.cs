using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Link;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>
/// Hears one channel and hands on what comes, one at a time and in order, from a queue of limited length, in messages and in bytes: who takes his time holds up
/// nobody but himself. What may have been missed is told in its place: after a lost subscription, and when the queue was full.
/// </summary>
internal sealed class ChannelListener : IRedisListener, IAsyncDisposable
{
    // Known by reference: an empty payload is a message like any other.
    private static readonly byte[] Gap = new byte[1];
    private static readonly byte[] WakeUp = new byte[1];
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GapPause = TimeSpan.FromSeconds(1);

    private readonly RedisHub _hub;
    private readonly Func<byte[], CancellationToken, ValueTask> _heard;
    private readonly Func<long?, CancellationToken, ValueTask>? _missed;
    private readonly ChannelStatistics _statistics;
    private readonly GuardedLogger _logger;
    private readonly WorkQueue<byte[]> _queue;
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waitingBytes;
    private int _overflowed;
    private int _saidFull;
    private long? _lastGap;
    private long _link;
    private bool _wasUp;
    private volatile bool _isUp;

    /// <param name="hub">Carries the subscription, and is started.</param>
    /// <param name="channel">The name of the channel.</param>
    /// <param name="capacity">How many messages may wait.</param>
    /// <param name="heard">Takes a message; must not throw.</param>
    /// <param name="missed">
    /// Told that something may have been missed: before the link of this number, or, without one, because it came too fast. When it throws,
    /// it is told again.
    /// </param>
    /// <param name="statistics">Where gaps and what was dropped are counted.</param>
    /// <param name="logger">Told of both.</param>
    public ChannelListener(
        RedisHub hub, string channel, int capacity, Func<byte[], CancellationToken, ValueTask> heard, Func<long?, CancellationToken, ValueTask>? missed,
        ChannelStatistics statistics, GuardedLogger logger)
    {
        (_hub, Channel, _heard, _missed, _statistics, _logger) = (hub, channel, heard, missed, statistics, logger);
        _queue = new(capacity, ShutdownLimit, hub.TimeProvider, HandOnAsync, failure => logger.WorkFailed(failure, channel));
        hub.Add(this);
        hub.Start();
    }

    public string Channel { get; }

    /// <summary>Ends when the first subscription stands.</summary>
    public Task Subscribed => _subscribed.Task;

    public bool IsSubscribed => _isUp;

    public void LinkUp(RedisLink link)
    {
        _isUp = true;
        Volatile.Write(ref _link, link.Number);
        _subscribed.TrySetResult();
        if (_wasUp && !_queue.TryAdd(Gap))
        {
            Overflow();
        }

        _wasUp = true;
    }

    public void LinkDown(RedisLink link, Exception why) => _isUp = false;

    public void Pushed(byte[] payload)
    {
        // A message alone waits however long it is: whoever takes it rejects one that is too long.
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
        if (Interlocked.Exchange(ref _saidFull, 1) == 0)
        {
            _logger.ChannelOverflowed(Channel);
        }

        Volatile.Write(ref _overflowed, 1);

        // The reader may have emptied the queue before it could see that.
        _queue.TryAdd(WakeUp);
    }

    private async ValueTask HandOnAsync(ChannelReader<byte[]> waiting, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && waiting.TryRead(out var payload))
        {
            if (payload == Gap)
            {
                await TellGapAsync(Volatile.Read(ref _link), stop).ConfigureAwait(false);
            }
            else if (payload != WakeUp)
            {
                Interlocked.Add(ref _waitingBytes, -payload.Length);
                await _heard(payload, stop).ConfigureAwait(false);
            }

            if (Volatile.Read(ref _overflowed) == 1 && IsGapDue(waiting.Count))
            {
                Volatile.Write(ref _overflowed, 0);
                await TellGapAsync(link: null, stop).ConfigureAwait(false);
                Volatile.Write(ref _saidFull, waiting.Count == 0 ? 0 : 1);
            }
        }
    }

    /// <summary>While messages keep coming faster than they are taken, once a second is enough.</summary>
    private bool IsGapDue(int waiting) => waiting == 0 || _lastGap is not { } last || _hub.TimeProvider.GetElapsedTime(last) >= GapPause;

    private async Task TellGapAsync(long? link, CancellationToken stop)
    {
        _lastGap = _hub.TimeProvider.GetTimestamp();
        _statistics.Count(static figures => figures with { Gaps = figures.Gaps + 1 });
        _logger.ChannelGap(Channel);
        if (_missed is { } missed
            && await UserCode.CallAsync(CallOut.Handler, (missed, link, stop), static s => s.missed(s.link, s.stop)).ConfigureAwait(false) is { } error)
        {
            _statistics.Count(static figures => figures with { Errors = figures.Errors + 1 });
            _logger.GapCallbackFailed(error, Channel);
            _ = TellGapAgainAsync(stop);
        }
    }

    private async Task TellGapAgainAsync(CancellationToken stop)
    {
        await Task.Delay(GapPause, _hub.TimeProvider, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_queue.TryAdd(Gap) && !stop.IsCancellationRequested)
        {
            Volatile.Write(ref _overflowed, 1);
        }
    }
}
