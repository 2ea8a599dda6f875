namespace Unstale.Redis.Channel;

/// <summary>Failure to publish a message. The message was not published, or the outcome is unknown.</summary>
public sealed class ChannelException : IOException
{
    internal ChannelException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
