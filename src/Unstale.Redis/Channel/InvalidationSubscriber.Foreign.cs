namespace Unstale.Redis.Channel;

public sealed partial class InvalidationSubscriber
{
    /// <summary>
    /// Subscribes to a channel of any name and format, such as <see cref="ForeignChannels.ProductUpdates"/>: the payloads that
    /// <see cref="InvalidationPublisher.PublishAsync(string, ReadOnlyMemory{byte}, CancellationToken)"/> sends. Own messages are received too.
    /// </summary>
    /// <param name="channel">Name of the channel.</param>
    /// <param name="callback">
    /// Called with one payload at a time, in order. A payload above 8 MB is rejected without a call. A <see cref="FormatException"/> counts the message as
    /// rejected, any other exception as an error. Both are logged, and the next message follows.
    /// </param>
    /// <param name="onGap">Callback for missed messages, as in the other overload.</param>
    public InvalidationSubscription Subscribe(
        string channel, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> callback, Func<CancellationToken, ValueTask>? onGap = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        MessageWriter.CheckChannel(channel);
        ArgumentNullException.ThrowIfNull(callback);
        var foreign = new ForeignCallback(channel, callback, Statistics, _connection.Logger, _connection.Hub.TimeProvider);
        return new(new ChannelListener(
            _connection.Hub, channel, _connection.Options.QueueCapacity, foreign.ReceiveAsync, onGap is null ? null : (_, stop) => onGap(stop), Statistics, _connection.Logger));
    }
}
