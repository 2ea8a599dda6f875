using System.Threading.Channels;
using Unstale.Log;

namespace Unstale.Redis.Channel;

/// <summary>
/// Tells other services what this node has raised in the log, in order, and tries again until the server has taken it. A queue that is
/// full becomes one message: everything.
/// </summary>
internal sealed class OutboundRecords : IAsyncDisposable
{
    private const int Capacity = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(2);

    private readonly InvalidationPublisher _publisher;
    private readonly LogMessageIds _ids;
    private readonly Channel<InvalidationRecord> _queue =
        System.Threading.Channels.Channel.CreateBounded<InvalidationRecord>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private int _overflowed;

    public OutboundRecords(InvalidationPublisher publisher, LogMessageIds ids)
    {
        (_publisher, _ids) = (publisher, ids);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Called when the log has taken a record; does not wait.</summary>
    public void Add(InvalidationRecord record)
    {
        if (!_queue.Writer.TryWrite(record))
        {
            Volatile.Write(ref _overflowed, 1);

            // The reader may have emptied the queue before it could see that.
            _queue.Writer.TryWrite(record);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _run.WaitAsync(ShutdownLimit, _publisher.Line.Hub.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var record))
            {
                var messages = Interlocked.Exchange(ref _overflowed, 0) == 1 ? [_publisher.Pattern("*")] : RecordMessages.Of(record, _publisher, _ids);
                foreach (var message in messages)
                {
                    await PublishAsync(message).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task PublishAsync(InvalidationMessage message)
    {
        while (await _publisher.TryPublishAsync(message, _stop.Token).ConfigureAwait(false) is null)
        {
            await Task.Delay(Pause, _publisher.Line.Hub.TimeProvider, _stop.Token).ConfigureAwait(false);
        }
    }
}
