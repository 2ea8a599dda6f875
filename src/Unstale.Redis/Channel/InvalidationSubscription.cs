namespace Unstale.Redis.Channel;

/// <summary>Lasts until it is disposed, whatever happens to the connection.</summary>
public sealed class InvalidationSubscription : IAsyncDisposable
{
    private readonly ChannelListener _listener;

    internal InvalidationSubscription(ChannelListener listener) => _listener = listener;

    /// <summary>Ends when the server has confirmed the subscription for the first time; what is published from then on is heard.</summary>
    public Task Subscribed => _listener.Subscribed;

    /// <summary>Whether the subscription stands at this moment.</summary>
    public bool IsSubscribed => _listener.IsSubscribed;

    /// <summary>Ends it. What was heard before is still handed to the callback, for 5 seconds at most; not to be awaited inside a callback.</summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
