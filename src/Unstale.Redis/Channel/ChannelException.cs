namespace Unstale.Redis.Channel;

/// <summary>A message was not published, or it is unknown whether it was.</summary>
public sealed class ChannelException : IOException
{
    internal ChannelException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
