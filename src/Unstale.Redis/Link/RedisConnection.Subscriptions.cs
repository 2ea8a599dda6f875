using StackExchange.Redis;

namespace Unstale.Redis.Link;

/// <content>Channels: subscribing, and the messages of each.</content>
internal sealed partial class RedisConnection
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    /// <summary>Ends when the server has confirmed it; what is published from then on is given on, in order.</summary>
    /// <param name="channel">The name, without the prefix that the client adds.</param>
    /// <param name="isSharded">Whether the channel lies in the slot of its name.</param>
    /// <param name="isOfLog">Whether nobody else of this process subscribes to it.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task SubscribeAsync(string channel, bool isSharded, bool isOfLog, CancellationToken ct = default)
    {
        var subscriber = _multiplexer.GetSubscriber();
        var name = isSharded ? RedisChannel.Sharded(channel) : RedisChannel.Literal(channel);
        try
        {
            // An earlier link's: the client may hold it, and not have noticed yet that its socket is gone.
            if (TakeSubscription(channel, isOfLog) is { } earlier)
            {
                await earlier.UnsubscribeAsync().WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
            }

            await CanSubscribeAsync(subscriber, name, ct).ConfigureAwait(false);
            var queue = await subscriber.SubscribeAsync(name).WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
            lock (_pair.Subscriptions)
            {
                _pair.Subscriptions[(channel, isOfLog)] = queue;
            }

            queue.OnMessage(new Receiver(this, queue, channel).Take);
        }
        catch (Exception why) when (why is not (OperationCanceledException or CallException))
        {
            // The client keeps the queue of a subscription that failed, and would fill it once another one stands. A channel that
            // others of the application use is cleared only where nobody may have it.
            if (isOfLog || _pair.EndsCallsInTime || why is RedisServerException)
            {
                _ = subscriber.UnsubscribeAsync(name, flags: CommandFlags.FireAndForget);
            }

            throw Meaning("SUBSCRIBE", why);
        }
    }

    public async Task UnsubscribeAsync(string channel, bool isOfLog)
    {
        if (TakeSubscription(channel, isOfLog) is { } queue)
        {
            await queue.UnsubscribeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The connection for subscriptions stands some milliseconds after that for commands.</summary>
    private async Task CanSubscribeAsync(ISubscriber subscriber, RedisChannel name, CancellationToken ct)
    {
        var began = _settings.TimeProvider.GetTimestamp();
        while (!subscriber.IsConnected(name))
        {
            if (_settings.TimeProvider.GetElapsedTime(began) > CommandTimeout)
            {
                throw Errors.NotConnected(Place, null);
            }

            await Task.Delay(Step, _settings.TimeProvider, ct).ConfigureAwait(false);
        }
    }

    private ChannelMessageQueue? TakeSubscription(string channel, bool isOfLog)
    {
        lock (_pair.Subscriptions)
        {
            return _pair.Subscriptions.Remove((channel, isOfLog), out var queue) ? queue : null;
        }
    }

    /// <summary>Takes the messages of one subscription, one at a time. The client's queue has no limit: above ours, messages are dropped, and a tail brings them.</summary>
    private sealed class Receiver(RedisConnection connection, ChannelMessageQueue queue, string channel)
    {
        private bool _hasDropped;

        public void Take(ChannelMessage message)
        {
            if (!connection.IsOpen)
            {
                return;
            }

            if (queue.TryGetCount(out var waiting) && waiting >= connection._settings.PushCapacity)
            {
                _hasDropped = true;
                return;
            }

            if (_hasDropped)
            {
                _hasDropped = false;
                connection._pushed(connection, channel, null);
            }

            connection._pushed(connection, channel, (byte[]?)message.Message ?? []);
        }
    }
}
