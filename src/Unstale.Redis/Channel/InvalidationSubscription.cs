namespace Unstale.Redis.Channel;

/// <summary>Subscription to a channel. Lasts until disposed, and survives the loss of the connection.</summary>
public sealed class InvalidationSubscription : IAsyncDisposable
{
    private readonly ChannelListener _listener;

    internal InvalidationSubscription(ChannelListener listener) => _listener = listener;

    /// <summary>Completes when the server has confirmed the subscription for the first time. Messages published from then on are received.</summary>
    public Task Subscribed => _listener.Subscribed;

    /// <summary>Whether the channel is subscribed at this moment.</summary>
    public bool IsSubscribed => _listener.IsSubscribed;

    /// <summary>
    /// Ends the subscription. Messages received before are still passed to the callback, for at most 5 seconds. Must not be awaited inside a callback.
    /// </summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
