namespace Unstale.Redis.Channel;

public sealed partial class InvalidationSubscriber
{
    /// <summary>
    /// Begins to listen to a channel of any name and form, such as <see cref="PlainChannels.ProductUpdates"/>: what
    /// <see cref="InvalidationPublisher.PublishAsync(string, ReadOnlyMemory{byte}, CancellationToken)"/> sends. Its own messages are heard too.
    /// </summary>
    /// <param name="channel">The name of the channel.</param>
    /// <param name="callback">
    /// Called with one payload at a time, in their order; one above 8 MB is rejected before it. A <see cref="FormatException"/> counts the message as rejected, any other
    /// exception as an error; both are logged, and the next message is handed over.
    /// </param>
    /// <param name="onGap">As in the other overload.</param>
    public InvalidationSubscription Subscribe(
        string channel, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> callback, Func<CancellationToken, ValueTask>? onGap = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        MessageWriter.CheckChannel(channel);
        ArgumentNullException.ThrowIfNull(callback);
        var plain = new PlainCallback(channel, callback, Statistics, _line.Logger, _line.Hub.TimeProvider);
        return new(new ChannelListener(
            _line.Hub, channel, _line.Options.QueueCapacity, plain.HearAsync, onGap is null ? null : (_, stop) => onGap(stop), Statistics, _line.Logger));
    }
}
