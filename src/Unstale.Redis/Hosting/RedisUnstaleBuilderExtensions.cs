using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Hosting;
using Unstale.Redis;
using Unstale.Redis.Hosting;
using Unstale.Remote;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extensions that store the log and the second level of a cache in Redis.</summary>
public static class RedisUnstaleBuilderExtensions
{
    /// <summary>
    /// Stores the log of the cache in Redis, shared by all caches of this process that name the log and by all processes, and stores values there too. An
    /// unreachable server does not fail the start: until the server is reachable, reads load from the source.
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <param name="configuration">
    /// Connection string of StackExchange.Redis, or <c>redis://user:password@host:port/database</c>; see <see cref="RedisOptions.Configuration"/>. If null or
    /// empty, the host does not start.
    /// </param>
    /// <param name="configure">Changes further options, which are validated when the host starts.</param>
    /// <param name="expression">Source of the string, for the message about a missing one.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UseRedis(
        this IUnstaleBuilder builder, string? configuration, Action<RedisOptions>? configure = null, [CallerArgumentExpression(nameof(configuration))] string expression = "") =>
        builder.UseRedis(options =>
        {
            options.Configuration = configuration ?? "";
            options.MissingFrom = string.IsNullOrEmpty(configuration) ? expression : null;
            configure?.Invoke(options);
        });

    /// <summary>
    /// Stores the log and values of the cache in Redis over the <see cref="StackExchange.Redis.IConnectionMultiplexer"/> that the application has registered.
    /// This multiplexer carries both tails and values, and stays owned by the application. Use this overload where a team has one configured connection for
    /// everything (Aspire, tokens, telemetry of StackExchange.Redis).
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UseRedis(this IUnstaleBuilder builder) => builder.UseRedis(static _ => { });

    /// <summary>
    /// Stores the log and values of the cache in Redis, with options from a section of the configuration. The keys are the names of the options; a time is
    /// a number of seconds or <c>[d.]hh:mm:ss</c>.
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <param name="section">
    /// Section with <see cref="RedisOptions.Configuration"/> among its keys. Keys that are not options of <see cref="RedisOptions"/> are rejected.
    /// </param>
    /// <param name="configure">Changes further options, which are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UseRedis(this IUnstaleBuilder builder, IConfigurationSection section, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.UseRedis(options =>
        {
            RedisOptionsReader.Bind(section, options);
            configure?.Invoke(options);
        });
    }

    /// <inheritdoc cref="UseRedis(IUnstaleBuilder, string, Action{RedisOptions}, string)"/>
    /// <param name="builder">The cache.</param>
    /// <param name="configure">Sets the options, which are validated when the host starts. If no server is set, the container's multiplexer is used.</param>
    public static IUnstaleBuilder UseRedis(this IUnstaleBuilder builder, Action<RedisOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        services.TryAddSingleton<RedisRegistry>();
        services.TryAddSingleton<ContainerMultiplexer>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisOptions>, RedisOptionsValidator>());
        services.AddSingleton(new RedisUse(builder.Name, configure));
        services.AddOptions<RedisOptions>(builder.Name).Configure(configure).ValidateOnStart();
        services.TryAddKeyedSingleton<ILogSource>(
            builder.Name, static (s, cache) => new RedisLogSource((string)cache!, s.GetRequiredService<RedisRegistry>()));
        services.TryAddKeyedSingleton<IRemoteStore>(builder.Name, static (s, cache) => Store(s, (string)cache!)!);
        return builder;
    }

    /// <summary>Returns the second level; null if the options disable it.</summary>
    private static IRemoteStore? Store(IServiceProvider services, string cache)
    {
        var registry = services.GetRequiredService<RedisRegistry>();
        var name = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache).Log;
        return registry.Options(cache).SecondLevel ? registry.Store(cache, name) : null;
    }
}
