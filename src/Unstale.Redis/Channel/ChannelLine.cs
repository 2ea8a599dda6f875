using Microsoft.Extensions.Logging;
using Unstale.Redis.Link;

namespace Unstale.Redis.Channel;

/// <summary>What a publisher and a subscriber of one channel share.</summary>
internal sealed class ChannelLine(RedisHub hub, ChannelOptions options, ILogger logger, bool ownsHub) : IAsyncDisposable, IDisposable
{
    public RedisHub Hub => hub;

    public ChannelOptions Options => options;

    public ILogger Logger => logger;

    public OwnMessages Own { get; } = new();

    public ChannelStatistics Statistics { get; } = new();

    /// <summary>Names messages; those that the nodes of a log are to leave out have names that they know.</summary>
    public Func<string> NewId { get; init; } = InvalidationMessage.NewId;

    public ValueTask DisposeAsync() => ownsHub ? hub.DisposeAsync() : default;

    /// <summary>For a container that is not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
