using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <content>Subscriptions to channels and the delivery of their messages.</content>
internal sealed partial class RedisConnection
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    /// <summary>Completes when the server has confirmed the subscription. Messages published from then on are passed on in order.</summary>
    /// <param name="channel">Name of the channel, without the client's prefix.</param>
    /// <param name="isSharded">Whether the channel belongs to the slot of its name.</param>
    /// <param name="isOfLog">Whether the channel belongs to a log, so that nothing else in this process subscribes to it.</param>
    /// <param name="ct">Cancels the wait.</param>
    public async Task SubscribeAsync(string channel, bool isSharded, bool isOfLog, CancellationToken ct = default)
    {
        var subscriber = _multiplexer.GetSubscriber();
        var name = isSharded ? RedisChannel.Sharded(channel) : RedisChannel.Literal(channel);
        try
        {
            // A subscription of an earlier link: the client may hold one without having noticed that the socket is closed.
            if (RemoveSubscription(channel, isOfLog) is { } earlier)
                await earlier.UnsubscribeAsync().WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);

            await CanSubscribeAsync(subscriber, name, ct).ConfigureAwait(false);
            var queue = await subscriber.SubscribeAsync(name).WaitAsync(CommandTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
            lock (_pair.Subscriptions)
                _pair.Subscriptions[(channel, isOfLog)] = queue;

            queue.OnMessage(new Receiver(this, queue, channel).Take);
        }
        catch (Exception why) when (why is not (OperationCanceledException or CallException))
        {
            // The client retains the queue of a failed subscription, and would fill that queue once another subscription is open. A channel that
            // other parts of the application may use is cleared only where no other part can be subscribed.
            if (isOfLog || _pair.EndsCallsInTime || why is RedisServerException)
                _ = subscriber.UnsubscribeAsync(name, flags: CommandFlags.FireAndForget);

            throw Meaning("SUBSCRIBE", why);
        }
    }

    public async Task UnsubscribeAsync(string channel, bool isOfLog)
    {
        if (RemoveSubscription(channel, isOfLog) is { } queue)
            await queue.UnsubscribeAsync().ConfigureAwait(false);
    }

    /// <summary>Waits until the connection for subscriptions is open, some milliseconds after the connection for commands.</summary>
    private async Task CanSubscribeAsync(ISubscriber subscriber, RedisChannel name, CancellationToken ct)
    {
        var began = _settings.TimeProvider.GetTimestamp();
        while (!subscriber.IsConnected(name))
        {
            if (_settings.TimeProvider.GetElapsedTime(began) > CommandTimeout)
                throw Errors.NotConnected(Place, null);

            await Task.Delay(Step, _settings.TimeProvider, ct).ConfigureAwait(false);
        }
    }

    private ChannelMessageQueue? RemoveSubscription(string channel, bool isOfLog)
    {
        lock (_pair.Subscriptions)
            return _pair.Subscriptions.Remove((channel, isOfLog), out var queue) ? queue : null;
    }

    /// <summary>
    /// Receives the messages of one subscription, one at a time. The client's queue has no limit: above the capacity set here, messages are dropped and a
    /// tail fetches them.
    /// </summary>
    private sealed class Receiver(RedisConnection connection, ChannelMessageQueue queue, string channel)
    {
        private bool _hasDropped;

        public void Take(ChannelMessage message)
        {
            if (!connection.IsOpen)
                return;

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
