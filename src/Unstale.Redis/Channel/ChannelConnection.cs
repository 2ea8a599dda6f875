using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Unstale.Boundary;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Channel;

/// <summary>State that a publisher and a subscriber of one channel share.</summary>
internal sealed class ChannelConnection(RedisConnections hub, ChannelOptions options, GuardedLogger logger, bool ownsHub) : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _rejectedOn = new(StringComparer.Ordinal);

    public RedisConnections Hub => hub;

    public ChannelOptions Options => options;

    public GuardedLogger Logger => logger;

    public PublishedMessageIds Own { get; } = new();

    public ChannelStatistics Statistics { get; } = new();

    /// <summary>Generator of message ids. The nodes of a log use ids that all nodes of the log recognise and ignore.</summary>
    public Func<string> NewId { get; init; } = InvalidationMessage.NewId;

    /// <summary>Whether a message id marks a change that the log already has.</summary>
    public Func<string, bool> IsOfLog { get; init; } = static _ => false;

    /// <summary>Creates a line with a connection of its own, for use without a cache.</summary>
    /// <param name="configuration">Connection string of the server.</param>
    /// <param name="serviceName">Name of the sender in messages, unless the options set one.</param>
    /// <param name="configure">Changes further options.</param>
    /// <param name="loggers">Logger factory; null for no logging.</param>
    /// <param name="time">Clock; null for the system clock.</param>
    public static ChannelConnection Create(
        string configuration, string serviceName, Action<ChannelOptions>? configure, ILoggerFactory? loggers, TimeProvider? time = null)
    {
        var options = new ChannelOptions { Configuration = configuration };
        configure?.Invoke(options);
        if (options.Problem() is { } problem)
            throw Errors.ChannelOption(problem);

        if (options.ServiceName.Length == 0)
            options.ServiceName = serviceName;

        var connection = RedisSettings.Parse(options.Configuration, time ?? TimeProvider.System);
        var hub = new RedisConnections(connection, GuardedLogger.For<RedisConnections>(loggers));
        hub.Start();
        return new ChannelConnection(hub, options, GuardedLogger.For(loggers, "Unstale.Redis.Channel"), ownsHub: true);
    }

    /// <summary>Returns true the first time for each channel. Later rejected messages are counted, not logged.</summary>
    public bool IsFirstRejected(string channel) => _rejectedOn.TryAdd(channel, true);

    public ValueTask DisposeAsync() => ownsHub ? hub.DisposeAsync() : default;

    /// <summary>Supports containers that are not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
