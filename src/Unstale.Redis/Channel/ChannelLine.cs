using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Unstale.Boundary;
using Unstale.Redis.Link;

namespace Unstale.Redis.Channel;

/// <summary>What a publisher and a subscriber of one channel share.</summary>
internal sealed class ChannelLine(RedisHub hub, ChannelOptions options, GuardedLogger logger, bool ownsHub) : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _rejectedOn = new(StringComparer.Ordinal);

    public RedisHub Hub => hub;

    public ChannelOptions Options => options;

    public GuardedLogger Logger => logger;

    public OwnMessages Own { get; } = new();

    public ChannelStatistics Statistics { get; } = new();

    /// <summary>Names messages; those that the nodes of a log are to leave out have names that they know.</summary>
    public Func<string> NewId { get; init; } = InvalidationMessage.NewId;

    /// <summary>Knows the messages that tell others what the log has already.</summary>
    public Func<string, bool> IsOfLog { get; init; } = static _ => false;

    /// <summary>One with a connection of its own, for use without a cache.</summary>
    /// <param name="configuration">The server.</param>
    /// <param name="serviceName">What messages say of who sent them, unless the options say it.</param>
    /// <param name="configure">Changes further options.</param>
    /// <param name="loggers">Null for nowhere.</param>
    /// <param name="time">Null for that of the system.</param>
    public static ChannelLine Create(
        string configuration, string serviceName, Action<ChannelOptions>? configure, ILoggerFactory? loggers, TimeProvider? time = null)
    {
        var options = new ChannelOptions { Configuration = configuration };
        configure?.Invoke(options);
        if (options.Problem() is { } problem)
        {
            throw Errors.ChannelOption(problem);
        }

        if (options.ServiceName.Length == 0)
        {
            options.ServiceName = serviceName;
        }

        var connection = RedisSettings.Parse(options.Configuration, time ?? TimeProvider.System);
        var hub = new RedisHub(connection, GuardedLogger.For<RedisHub>(loggers));
        hub.Start();
        return new ChannelLine(hub, options, GuardedLogger.For(loggers, "Unstale.Redis.Channel"), ownsHub: true);
    }

    /// <summary>True the first time for each channel: the messages rejected after it are counted, not said.</summary>
    public bool IsFirstRejected(string channel) => _rejectedOn.TryAdd(channel, true);

    public ValueTask DisposeAsync() => ownsHub ? hub.DisposeAsync() : default;

    /// <summary>For a container that is not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
