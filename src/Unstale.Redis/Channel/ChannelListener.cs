using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Unstale.Redis.Link;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>
/// Hears one channel and hands on what comes, one at a time and in order, from a queue of limited length: who takes his time holds up
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
    private readonly ILogger _logger;
    private readonly Channel<byte[]> _queue;
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private int _overflowed;
    private int _saidFull;
    private long? _lastGap;
    private long _link;
    private bool _wasUp;
    private volatile bool _isUp;
    private int _disposed;

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
        ChannelStatistics statistics, ILogger logger)
    {
        (_hub, Channel, _heard, _missed, _statistics, _logger) = (hub, channel, heard, missed, statistics, logger);
        _queue = System.Threading.Channels.Channel.CreateBounded<byte[]>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _run = Task.Run(RunAsync);
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
        if (_wasUp && !_queue.Writer.TryWrite(Gap))
        {
            Overflow();
        }

        _wasUp = true;
    }

    public void LinkDown(RedisLink link, Exception why) => _isUp = false;

    public void Pushed(byte[] payload)
    {
        if (!_queue.Writer.TryWrite(payload))
        {
            _statistics.Count(static figures => figures with { Dropped = figures.Dropped + 1 });
            Overflow();
        }
    }

    public void PushesLost() => Overflow();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _hub.Remove(this);
        _queue.Writer.TryComplete();
        _subscribed.TrySetCanceled();

        // What was heard is handed on, but a callback that hangs does not keep the process.
        await _run.WaitAsync(ShutdownLimit, _hub.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync().ConfigureAwait(false);
    }

    private void Overflow()
    {
        if (Interlocked.Exchange(ref _saidFull, 1) == 0)
        {
            _logger.ChannelOverflowed(Channel);
        }

        Volatile.Write(ref _overflowed, 1);

        // The reader may have emptied the queue before it could see that.
        _queue.Writer.TryWrite(WakeUp);
    }

    private async Task RunAsync()
    {
        var reader = _queue.Reader;
        while (await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (!_stop.IsCancellationRequested && reader.TryRead(out var payload))
            {
                if (payload == Gap)
                {
                    await TellGapAsync(Volatile.Read(ref _link)).ConfigureAwait(false);
                }
                else if (payload != WakeUp)
                {
                    await _heard(payload, _stop.Token).ConfigureAwait(false);
                }

                if (Volatile.Read(ref _overflowed) == 1 && IsGapDue(reader.Count))
                {
                    Volatile.Write(ref _overflowed, 0);
                    await TellGapAsync(link: null).ConfigureAwait(false);
                    Volatile.Write(ref _saidFull, reader.Count == 0 ? 0 : 1);
                }
            }
        }
    }

    /// <summary>While messages keep coming faster than they are taken, once a second is enough.</summary>
    private bool IsGapDue(int waiting) => waiting == 0 || _lastGap is not { } last || _hub.TimeProvider.GetElapsedTime(last) >= GapPause;

    private async Task TellGapAsync(long? link)
    {
        _lastGap = _hub.TimeProvider.GetTimestamp();
        _statistics.Count(static figures => figures with { Gaps = figures.Gaps + 1 });
        _logger.ChannelGap(Channel);
        try
        {
            if (_missed is not null)
            {
                await _missed(link, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            _statistics.Count(static figures => figures with { Errors = figures.Errors + 1 });
            _logger.GapCallbackFailed(error, Channel);
            _ = TellGapAgainAsync();
        }
    }

    private async Task TellGapAgainAsync()
    {
        await Task.Delay(GapPause, _hub.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_queue.Writer.TryWrite(Gap) && !_stop.IsCancellationRequested)
        {
            Volatile.Write(ref _overflowed, 1);
        }
    }
}
