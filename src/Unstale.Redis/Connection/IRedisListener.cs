namespace Unstale.Redis.Connection;

/// <summary>
/// Receiver of the links to a server and of the messages of one channel. The methods are called one at a time, in order, and must not block.
/// </summary>
internal interface IRedisListener
{
    string Channel { get; }

    /// <summary>
    /// Whether the channel belongs to a log. In a cluster such a channel is a sharded one, in the slot of the log's keys.
    /// </summary>
    bool IsOfLog => false;

    /// <summary>Key by which the server is selected; null for any server.</summary>
    string? Key => null;

    /// <summary>Called when a link is open and the channel is subscribed.</summary>
    void LinkUp(RedisSession link);

    /// <summary>Called when the link is lost. Messages published since are not received.</summary>
    void LinkDown(RedisSession link, Exception why);

    /// <summary>Called with each published message. The listener owns the bytes.</summary>
    void Pushed(byte[] payload);

    /// <summary>Called when messages arrived too fast and some were dropped. The content of the dropped messages is unknown.</summary>
    void PushesLost();
}
