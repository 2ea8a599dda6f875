using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Hosting;
using Unstale.Redis;
using Unstale.Redis.Hosting;
using Unstale.Redis.Store;
using Unstale.Remote;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the log and the second level of a cache into Redis.</summary>
public static class RedisUnstaleBuilderExtensions
{
    /// <summary>
    /// The log that the cache obeys is kept in Redis, for all caches of this process that name it and for all processes; values too.
    /// A server that is not there does not fail the start: until it is, reads go to the source.
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <param name="configuration"><c>redis://user:password@host:port/database</c>, or <c>host:port,password=...</c>; see <see cref="RedisOptions.Configuration"/>.</param>
    /// <param name="configure">Changes further options; they are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UseRedis(this IUnstaleBuilder builder, string configuration, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return builder.UseRedis(options =>
        {
            options.Configuration = configuration;
            configure?.Invoke(options);
        });
    }

    /// <inheritdoc cref="UseRedis(IUnstaleBuilder, string, Action{RedisOptions})"/>
    /// <param name="builder">The cache.</param>
    /// <param name="configure">Sets the options, <see cref="RedisOptions.Configuration"/> among them; they are checked when the host starts.</param>
    public static IUnstaleBuilder UseRedis(this IUnstaleBuilder builder, Action<RedisOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        services.TryAddSingleton<RedisRegistry>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisOptions>, RedisOptionsValidator>());
        services.AddSingleton(new RedisUse(builder.Name, configure));
        services.AddOptions<RedisOptions>(builder.Name).Configure(configure).ValidateOnStart();
        services.TryAddKeyedSingleton<ILogSource>(
            builder.Name, static (s, cache) => new RedisLogSource((string)cache!, s.GetRequiredService<RedisRegistry>()));
        services.TryAddKeyedSingleton<IRemoteStore>(builder.Name, static (s, cache) => Store(s, (string)cache!)!);
        return builder;
    }

    /// <summary>Null, which is no second level, if the options want none.</summary>
    private static RedisRemoteStore? Store(IServiceProvider services, string cache)
    {
        var registry = services.GetRequiredService<RedisRegistry>();
        var name = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache).Log;
        return registry.Options(cache).SecondLevel ? registry.Store(cache, name) : null;
    }
}
