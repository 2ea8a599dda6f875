namespace Unstale.Redis.Link;

/// <summary>
/// One listener at a hub. Links come and go on other threads than the pushes do: its gate makes one row of them, in which nothing of a
/// link is heard before it is up or after it is down. Listeners are called inside it, which is why they must not wait.
/// </summary>
internal sealed class ListenerSeat(IRedisListener listener)
{
    private readonly Lock _gate = new();
    private RedisLink? _link;
    private bool _left;

    public IRedisListener Listener => listener;

    public string Channel { get; } = listener.Channel;

    public bool IsSharded(RedisLink link) => link.IsSharded && listener.IsOfLog;

    /// <param name="link">The link that is up.</param>
    /// <param name="stands">Asked inside the gate: a link that went down meanwhile must not come up after it.</param>
    public void Up(RedisLink link, Func<RedisLink, bool> stands)
    {
        lock (_gate)
        {
            if (!_left && _link is null && stands(link))
            {
                _link = link;
                listener.LinkUp(link);
            }
        }
    }

    public void Down(RedisLink link, Exception why)
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
            {
                listener.Pushed(payload);
            }
        }
    }

    public void PushesLost(RedisConnection from)
    {
        lock (_gate)
        {
            if (!_left && _link?.Control == from)
            {
                listener.PushesLost();
            }
        }
    }

    /// <summary>When this returns, the listener hears nothing any more.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _left = true;
        }
    }
}
