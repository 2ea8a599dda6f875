using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Unstale.Boundary;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Channel;

/// <summary>State that a publisher and a subscriber of one channel share.</summary>
internal sealed class ChannelConnection : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _rejectedOn = new(StringComparer.Ordinal);
    private readonly ChannelMetrics _metrics;
    private readonly bool _ownsHub;

    /// <param name="hub">Connections to the server.</param>
    /// <param name="options">Options of the channel.</param>
    /// <param name="logger">Logger of the channel.</param>
    /// <param name="ownsHub">Whether the connections end with this object.</param>
    /// <param name="meters">Factory of the meter; null for a meter without a factory.</param>
    public ChannelConnection(RedisConnections hub, ChannelOptions options, GuardedLogger logger, bool ownsHub, IMeterFactory? meters = null)
    {
        (Hub, Options, Logger, _ownsHub) = (hub, options, logger, ownsHub);
        Statistics.Metrics = _metrics = new ChannelMetrics(meters, options.Channel, Statistics.Counters);
    }

    public RedisConnections Hub { get; }

    public ChannelOptions Options { get; }

    public GuardedLogger Logger { get; }

    public PublishedMessageIds Own { get; } = new();

    public ChannelStatistics Statistics { get; } = new();

    /// <summary>Generator of message ids. The nodes of a log use ids that all nodes of the log recognise and ignore.</summary>
    public Func<string> NewId { get; init; } = InvalidationMessage.NewId;

    /// <summary>Whether a message id marks a change that the log already has.</summary>
    public Func<string, bool> IsOfLog { get; init; } = static _ => false;

    /// <summary>Creates a channel with connections of its own, for use without a cache.</summary>
    /// <param name="configuration">Connection string of the server.</param>
    /// <param name="serviceName">Name of the sender in messages, unless the options set one.</param>
    /// <param name="configure">Changes further options.</param>
    /// <param name="loggers">Logger factory; null for no logging.</param>
    /// <param name="time">Clock; null for the system clock.</param>
    /// <param name="meters">Factory of the meter; null for a meter without a factory.</param>
    public static ChannelConnection Create(
        string configuration, string serviceName, Action<ChannelOptions>? configure, ILoggerFactory? loggers, TimeProvider? time = null, IMeterFactory? meters = null)
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
        return new ChannelConnection(hub, options, GuardedLogger.For(loggers, "Unstale.Redis.Channel"), ownsHub: true, meters);
    }

    /// <summary>Returns true the first time for each channel. Later rejected messages are counted, not logged.</summary>
    public bool IsFirstRejected(string channel) => _rejectedOn.TryAdd(channel, true);

    public ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        return _ownsHub ? Hub.DisposeAsync() : default;
    }

    /// <summary>Supports containers that are not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
