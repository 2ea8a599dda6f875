namespace Unstale.Redis.Link;

/// <summary>Told of the links to a server and of the messages of one channel. Calls come one at a time, in order, and must not wait.</summary>
internal interface IRedisListener
{
    string Channel { get; }

    /// <summary>Whether the channel is a log's own: in a cluster it lies in the slot of the log's keys, and is a sharded one.</summary>
    bool IsOfLog => false;

    /// <summary>A key of the server that is meant; null for any.</summary>
    string? Key => null;

    /// <summary>A link stands and the channel is subscribed.</summary>
    void LinkUp(RedisLink link);

    /// <summary>The link is gone. Nothing published since is heard.</summary>
    void LinkDown(RedisLink link, Exception why);

    /// <summary>Something was published. The bytes are the listener's own.</summary>
    void Pushed(byte[] payload);

    /// <summary>More was published than could be taken; what is missing is unknown.</summary>
    void PushesLost();
}
