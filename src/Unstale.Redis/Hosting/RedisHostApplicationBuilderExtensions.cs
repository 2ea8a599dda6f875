using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Unstale;
using Unstale.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Extensions that add a cache over the Redis server of a connection string in the host's configuration, as Aspire app hosts write it.</summary>
public static class RedisHostApplicationBuilderExtensions
{
    /// <summary>
    /// Adds the default cache, with its log and second level in the Redis server of a connection string. Use it in a service of an Aspire app host, with the
    /// name of the resource that the service references. If the connection string is missing, the host does not start, and the message names the key.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">Name below <c>ConnectionStrings</c>.</param>
    /// <param name="configure">Changes the options of the cache, which are validated when the host starts.</param>
    /// <param name="configureRedis">Changes the options of Redis, which are validated when the host starts.</param>
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
