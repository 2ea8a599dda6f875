using System.Threading.Channels;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>
/// Publishes the records that this node has appended to the log, in order, and retries until the server accepts each. If the queue overflows, one message
/// for everything is published.
/// </summary>
internal sealed class OutboundRecords : IAsyncDisposable
{
    private const int Capacity = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    private readonly InvalidationPublisher _publisher;
    private readonly LogMessageIds _ids;
    private readonly WorkQueue<InvalidationRecord> _queue;
    private int _overflowed;

    public OutboundRecords(InvalidationPublisher publisher, LogMessageIds ids)
    {
        (_publisher, _ids) = (publisher, ids);
        _queue = new(Capacity, ShutdownTimeout, publisher.Connection.Hub.TimeProvider, PublishAsync, failure => publisher.Connection.Logger.WorkFailed(failure, publisher.Connection.Options.Channel));
    }

    /// <summary>Adds a record of the log. Does not wait.</summary>
    public void Add(InvalidationRecord record)
    {
        if (!_queue.TryAdd(record))
        {
            Volatile.Write(ref _overflowed, 1);

            // The reader may have emptied the queue before the flag was set.
            _queue.TryAdd(record);
        }
    }

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    private async ValueTask PublishAsync(ChannelReader<InvalidationRecord> waiting, CancellationToken stop)
    {
        while (waiting.TryRead(out var record))
        {
            var messages = Interlocked.Exchange(ref _overflowed, 0) == 1 ? [_publisher.Pattern("*")] : RecordMessages.FromRecord(record, _publisher, _ids);
            foreach (var message in messages)
                await PublishAsync(message, stop).ConfigureAwait(false);
        }
    }

    private async Task PublishAsync(InvalidationMessage message, CancellationToken stop)
    {
        while (await _publisher.TryPublishAsync(message, stop).ConfigureAwait(false) is null)
            await Task.Delay(Pause, _publisher.Connection.Hub.TimeProvider, stop).ConfigureAwait(false);
    }
}
