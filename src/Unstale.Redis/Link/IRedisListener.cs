namespace Unstale.Redis.Link;

/// <summary>Hears of the links to a server and what is published on one channel. Calls come one at a time, in order, and must not wait.</summary>
internal interface IRedisListener
{
    string Channel { get; }

    /// <summary>A link stands and the channel is subscribed.</summary>
    void LinkUp(RedisLink link);

    /// <summary>The link is gone. Nothing published since is heard.</summary>
    void LinkDown(RedisLink link, Exception why);

    /// <summary>Something was published. The bytes are the listener's own.</summary>
    void Pushed(byte[] payload);

    /// <summary>More was published than could be taken; what is missing is unknown.</summary>
    void PushesLost();
}
