using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Unstale.Redis.Link;
using Unstale.Redis.Resp;

namespace Unstale.Redis.Channel;

/// <summary>Makes what a channel without a cache goes over.</summary>
internal static class ChannelLines
{
    public static ChannelLine Create(string configuration, string serviceName, Action<ChannelOptions>? configure, ILoggerFactory? loggers, TimeProvider? time = null)
    {
        var options = new ChannelOptions { Configuration = configuration, ServiceName = serviceName };
        configure?.Invoke(options);
        return Create(options, loggers, time);
    }

    public static ChannelLine Create(ChannelOptions options, ILoggerFactory? loggers, TimeProvider? time)
    {
        if (options.Problem() is { } problem)
        {
            throw Errors.ChannelOption(problem);
        }

        loggers ??= NullLoggerFactory.Instance;
        var connection = RespOptions.Parse(options.Configuration) with { TimeProvider = time ?? TimeProvider.System };
        var hub = new RedisHub(connection, behindProxy: false, loggers.CreateLogger<RedisHub>());
        hub.Start();
        return new ChannelLine(hub, options, loggers.CreateLogger("Unstale.Redis.Channel"), ownsHub: true);
    }
}
