using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Unstale.Redis.Link;

namespace Unstale.Redis.Channel;

/// <summary>What a publisher and a subscriber of one channel share.</summary>
internal sealed class ChannelLine(RedisHub hub, ChannelOptions options, ILogger logger, bool ownsHub) : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _rejectedOn = new(StringComparer.Ordinal);

    public RedisHub Hub => hub;

    public ChannelOptions Options => options;

    public ILogger Logger => logger;

    public OwnMessages Own { get; } = new();

    public ChannelStatistics Statistics { get; } = new();

    /// <summary>Names messages; those that the nodes of a log are to leave out have names that they know.</summary>
    public Func<string> NewId { get; init; } = InvalidationMessage.NewId;

    /// <summary>Knows the messages that tell others what the log has already.</summary>
    public Func<string, bool> IsOfLog { get; init; } = static _ => false;

    /// <summary>True the first time for each channel: the messages rejected after it are counted, not said.</summary>
    public bool IsFirstRejected(string channel) => _rejectedOn.TryAdd(channel, true);

    public ValueTask DisposeAsync() => ownsHub ? hub.DisposeAsync() : default;

    /// <summary>For a container that is not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
