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

/// <summary>Lets a cache obey services that speak over a channel, and tell them what it knows.</summary>
public static class ChannelUnstaleBuilderExtensions
{
    private const string DefaultCache = "default";

    /// <summary>
    /// While the host runs, messages of other services over the channel become records of the log, one for all nodes that hear it:
    /// what a change takes is what the rules of this cache say, all at once. After a lost subscription everything is invalidated. Comes after <c>UseRedis</c>, whose server it uses.
    /// </summary>
    /// <remarks>
    /// Adds <see cref="InvalidationPublisher"/> too, for the other services: say what changed to <see cref="IInvalidator"/>, and then to
    /// them. Nodes of this log leave out the messages that it makes, for they have the record. It is a keyed service under the cache's name,
    /// and for the default cache also without a key.
    /// </remarks>
    /// <param name="builder">The cache.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder UseChannel(this IUnstaleBuilder builder, Action<ChannelBridgeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.Services, builder.Name);
        if (configure is not null)
        {
            services.Configure(name, configure);
        }

        if (services.Any(d => d.ServiceType == typeof(ChannelBridge) && Equals(d.ServiceKey, name)))
        {
            return builder;
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ChannelBridgeOptions>, ChannelBridgeOptionsValidator>());
        services.AddOptions<ChannelBridgeOptions>(name).ValidateOnStart();
        services.AddKeyedSingleton(name, static (s, cache) => Create(s, (string)cache!));
        services.TryAddKeyedSingleton(name, static (s, cache) => s.GetRequiredKeyedService<ChannelBridge>(cache).Publisher);
        services.AddSingleton<IHostedService>(s => new ChannelBridgeService(s.GetRequiredKeyedService<ChannelBridge>(name)));
        if (name == DefaultCache)
        {
            services.TryAddSingleton(static s => s.GetRequiredKeyedService<InvalidationPublisher>(DefaultCache));
        }

        return builder;
    }

    private static ChannelBridge Create(IServiceProvider services, string cache)
    {
        // The log is open before anything is heard, and closed after.
        services.GetRequiredKeyedService<UnstaleCache>(cache);
        var registry = services.GetService<RedisRegistry>() ?? throw Unstale.Redis.Errors.ChannelWithoutRedis(cache);
        var log = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache).Log;
        return new ChannelBridge(
            registry.Logs(cache, log),
            services.GetRequiredService<IOptionsMonitor<ChannelBridgeOptions>>().Get(cache),
            services.GetRequiredKeyedService<InvalidationRules>(cache),
            services.GetService<IHostEnvironment>()?.ApplicationName ?? AppDomain.CurrentDomain.FriendlyName,
            GuardedLogger.For<ChannelBridge>(services));
    }
}
