using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
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
    /// <param name="configuration">A connection string of StackExchange.Redis, or <c>redis://user:password@host:port/database</c>; see <see cref="RedisOptions.Configuration"/>. None at all refuses the start.</param>
    /// <param name="configure">Changes further options; they are checked when the host starts.</param>
    /// <param name="expression">Where the string comes from, for the message if there is none.</param>
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
    /// The same over the <see cref="StackExchange.Redis.IConnectionMultiplexer"/> that the application has registered: it carries all, tails and values, and
    /// stays the application's. Use it where a team has one configured connection for everything (Aspire, tokens, telemetry of StackExchange.Redis).
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UseRedis(this IUnstaleBuilder builder) => builder.UseRedis(static _ => { });

    /// <summary>The same with options from a section of the configuration: each goes by its name, a time as a number of seconds or <c>[d.]hh:mm:ss</c>.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="section">The section, with <see cref="RedisOptions.Configuration"/> among its keys. Other keys than those of <see cref="RedisOptions"/> are refused.</param>
    /// <param name="configure">Changes further options; they are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UseRedis(this IUnstaleBuilder builder, IConfigurationSection section, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.UseRedis(options =>
        {
            RedisOptionsReader.Read(section, options);
            configure?.Invoke(options);
        });
    }

    /// <inheritdoc cref="UseRedis(IUnstaleBuilder, string, Action{RedisOptions}, string)"/>
    /// <param name="builder">The cache.</param>
    /// <param name="configure">Sets the options; they are checked when the host starts. If they name no server, the container's multiplexer is used.</param>
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

    /// <summary>Null, which is no second level, if the options want none.</summary>
    private static IRemoteStore? Store(IServiceProvider services, string cache)
    {
        var registry = services.GetRequiredService<RedisRegistry>();
        var name = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache).Log;
        return registry.Options(cache).SecondLevel ? registry.Store(cache, name) : null;
    }
}
