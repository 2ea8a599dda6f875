namespace Unstale.Redis.Channel;

/// <summary>Where a channel is and how it is used, by a service that has no cache on it. Checked when it is first used.</summary>
public sealed class ChannelOptions
{
    /// <summary>The default of <see cref="Channel"/>.</summary>
    public const string DefaultChannel = "cache:invalidate";

    /// <summary>The default of <see cref="QueueCapacity"/>, in messages.</summary>
    public const int DefaultQueueCapacity = 8192;

    /// <summary>The server, as in <see cref="RedisOptions.Configuration"/>. It has to be set.</summary>
    public string Configuration { get; set; } = "";

    /// <summary>The name of the channel. Default: <c>cache:invalidate</c>.</summary>
    public string Channel { get; set; } = DefaultChannel;

    /// <summary>What messages say of who sent them. Default: empty, which is the name of the application.</summary>
    public string ServiceName { get; set; } = "";

    /// <summary>
    /// How many messages may wait for their callback, 16 to 1,000,000, and no more than 64 MB of them. One too many is dropped, counted and said, and the subscriber is
    /// told that it has missed something. Default: 8,192.
    /// </summary>
    public int QueueCapacity { get; set; } = DefaultQueueCapacity;

    /// <summary>Whether callbacks get the messages that the publisher beside the subscriber has sent. Default: false.</summary>
    public bool ReceiveOwn { get; set; }

    internal string? Problem() =>
        string.IsNullOrEmpty(Channel) ? Errors.EmptyChannel
        : QueueCapacity is < 16 or > 1_000_000 ? Errors.OutOfRange(nameof(QueueCapacity), QueueCapacity, 16, 1_000_000)
        : null;
}
