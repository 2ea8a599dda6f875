using Unstale.Hosting;

namespace Unstale.Redis.Channel;

/// <summary>Location and use of a channel, for a service without a cache on that channel. Validated on first use.</summary>
public sealed class ChannelOptions
{
    /// <summary>Default of <see cref="Channel"/>.</summary>
    public const string DefaultChannel = "cache:invalidate";

    /// <summary>Default of <see cref="QueueCapacity"/>, in messages.</summary>
    public const int DefaultQueueCapacity = 8192;

    /// <summary>Connection string of the server, as in <see cref="RedisOptions.Configuration"/>. Required.</summary>
    public string Configuration { get; set; } = "";

    /// <summary>Name of the channel. Default: <c>cache:invalidate</c>.</summary>
    public string Channel { get; set; } = DefaultChannel;

    /// <summary>Name of the sender in published messages. Default: empty, which means the name of the application.</summary>
    public string ServiceName { get; set; } = "";

    /// <summary>
    /// Maximum number of messages that may wait for their callback, from 16 to 1,000,000, with at most 64 MB in total. Further messages are dropped, counted
    /// and logged, and the subscriber is notified of the gap. Default: 8,192.
    /// </summary>
    public int QueueCapacity { get; set; } = DefaultQueueCapacity;

    /// <summary>Whether callbacks receive messages sent by the publisher that shares the connection with the subscriber. Default: false.</summary>
    public bool ReceiveOwn { get; set; }

    internal string? Problem() =>
        string.IsNullOrEmpty(Channel) ? Errors.EmptyChannel : SettingRange.Problem(nameof(QueueCapacity), QueueCapacity, 16, 1_000_000);
}
