namespace Unstale.Redis.Connection;

/// <summary>
/// One listener of a hub. Links open and close on other threads than those of the pushes. The gate serialises both, so that the listener
/// receives nothing from a link before the link is up or after the link is down. The listener is called inside the gate and must not block.
/// </summary>
internal sealed class ChannelSubscription(IRedisListener listener)
{
    private readonly Lock _gate = new();
    private RedisSession? _link;
    private bool _left;

    public IRedisListener Listener => listener;

    public string Channel { get; } = listener.Channel;

    public bool IsSharded(RedisSession link) => link.IsSharded && listener.IsOfLog;

    /// <param name="link">The open link.</param>
    /// <param name="isCurrent">Evaluated inside the gate: a link closed meanwhile must not be reported as up afterwards.</param>
    public void Up(RedisSession link, Func<RedisSession, bool> isCurrent)
    {
        lock (_gate)
        {
            if (!_left && _link is null && isCurrent(link))
            {
                _link = link;
                listener.LinkUp(link);
            }
        }
    }

    public void Down(RedisSession link, Exception why)
    {
        lock (_gate)
        {
            if (!_left && _link == link)
            {
                _link = null;
                listener.LinkDown(link, why);
            }
        }
    }

    public void Pushed(RedisConnection from, byte[] payload)
    {
        lock (_gate)
        {
            if (!_left && _link?.Control == from)
                listener.Pushed(payload);
        }
    }

    public void PushesLost(RedisConnection from)
    {
        lock (_gate)
        {
            if (!_left && _link?.Control == from)
                listener.PushesLost();
        }
    }

    /// <summary>Detaches the listener. The listener is not called after this method returns.</summary>
    public void Leave()
    {
        lock (_gate)
            _left = true;
    }
}
