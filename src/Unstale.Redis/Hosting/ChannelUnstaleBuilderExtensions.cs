using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Boundary;
using Unstale.Redis.Channel;
using Unstale.Redis.Hosting;
using Unstale.Rules;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extensions that connect a cache with other services over a channel, in both directions.</summary>
public static class ChannelUnstaleBuilderExtensions
{
    private const string DefaultCache = "default";

    /// <summary>
    /// Converts messages of other services over the channel into records of the log while the host runs, one record for all nodes that receive the message.
    /// The rules of this cache determine the targets of a change, and all targets are invalidated together. After a lost subscription everything is
    /// invalidated. Call <c>UseRedis</c> first: the channel is on the same server.
    /// </summary>
    /// <remarks>
    /// Also adds <see cref="InvalidationPublisher"/> for the other services: report a change to <see cref="IInvalidator"/> first, and then to the publisher.
    /// Nodes of this log ignore messages of the publisher, because the record is already there. The publisher is a keyed service under the name of the cache,
    /// and for the default cache also a service without a key.
    /// </remarks>
    /// <param name="builder">The cache.</param>
    /// <param name="configure">Changes the options, which are validated when the host starts.</param>
    public static IUnstaleBuilder UseChannel(this IUnstaleBuilder builder, Action<ChannelBridgeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.Services, builder.Name);
        if (configure is not null)
            services.Configure(name, configure);

        if (services.Any(d => d.ServiceType == typeof(ChannelBridge) && Equals(d.ServiceKey, name)))
            return builder;

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ChannelBridgeOptions>, ChannelBridgeOptionsValidator>());
        services.AddOptions<ChannelBridgeOptions>(name).ValidateOnStart();
        services.AddKeyedSingleton(name, static (s, cache) => Create(s, (string)cache!));
        services.TryAddKeyedSingleton(name, static (s, cache) => s.GetRequiredKeyedService<ChannelBridge>(cache).Publisher);
        services.AddSingleton<IHostedService>(s => new ChannelBridgeService(s.GetRequiredKeyedService<ChannelBridge>(name)));
        if (name == DefaultCache)
            services.TryAddSingleton(static s => s.GetRequiredKeyedService<InvalidationPublisher>(DefaultCache));

        return builder;
    }

    private static ChannelBridge Create(IServiceProvider services, string cache)
    {
        // The log is opened before the first message is received, and closed after the last.
        services.GetRequiredKeyedService<UnstaleCache>(cache);
        var registry = services.GetService<RedisRegistry>() ?? throw Unstale.Redis.Errors.ChannelWithoutRedis(cache);
        var log = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache).Log;
        return new ChannelBridge(
            registry.Logs(cache, log),
            services.GetRequiredService<IOptionsMonitor<ChannelBridgeOptions>>().Get(cache),
            services.GetRequiredKeyedService<InvalidationRules>(cache),
            services.GetService<IHostEnvironment>()?.ApplicationName ?? AppDomain.CurrentDomain.FriendlyName,
            GuardedLogger.For<ChannelBridge>(services),
            services.GetService<IMeterFactory>());
    }
}
