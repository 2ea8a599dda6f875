using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Unstale;
using Unstale.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds a cache over a Redis server that the host's configuration names, as app hosts of Aspire write it.</summary>
public static class RedisHostApplicationBuilderExtensions
{
    /// <summary>
    /// Adds the default cache, with its log and second level in the Redis server of a connection string. Use it in a service of an Aspire app host: the name is that of the
    /// resource that the service references. A missing connection string refuses the start, and the message names the key.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">The name below <c>ConnectionStrings</c>.</param>
    /// <param name="configure">Changes the options of the cache; they are checked when the host starts.</param>
    /// <param name="configureRedis">Changes the options of Redis; they are checked when the host starts.</param>
    /// <returns>The builder of the cache.</returns>
    public static IUnstaleBuilder AddUnstale(
        this IHostApplicationBuilder builder, string connectionName, Action<UnstaleOptions>? configure = null, Action<RedisOptions>? configureRedis = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionName);
        return builder.Services.AddUnstale(configure)
            .UseRedis(builder.Configuration.GetConnectionString(connectionName), configureRedis, $"GetConnectionString(\"{connectionName}\")");
    }
}
