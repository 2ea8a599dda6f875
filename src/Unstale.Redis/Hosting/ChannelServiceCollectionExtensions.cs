using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unstale.Redis.Channel;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extensions that add the channel to services that only publish or only subscribe.</summary>
public static class ChannelServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="InvalidationPublisher"/> and <see cref="InvalidationSubscriber"/> over one connection, without a cache. A service with a cache calls
    /// <c>UseChannel</c> on the cache instead.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">Connection string of the server: see <see cref="ChannelOptions.Configuration"/>.</param>
    /// <param name="configure">Changes further options.</param>
    public static IServiceCollection AddInvalidationChannel(this IServiceCollection services, string configuration, Action<ChannelOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(s => CreateConnection(s, configuration, configure));
        services.TryAddSingleton(static s => new InvalidationPublisher(s.GetRequiredService<ChannelConnection>()));
        services.TryAddSingleton(static s => new InvalidationSubscriber(s.GetRequiredService<ChannelConnection>()));
        return services;
    }

    private static ChannelConnection CreateConnection(IServiceProvider services, string configuration, Action<ChannelOptions>? configure) => ChannelConnection.Create(
        configuration,
        services.GetService<IHostEnvironment>()?.ApplicationName ?? AppDomain.CurrentDomain.FriendlyName,
        configure,
        services.GetService<ILoggerFactory>(),
        services.GetService<TimeProvider>(),
        services.GetService<IMeterFactory>());
}
