using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Tests.Remote;

namespace Unstale.Tests.Cluster;

/// <summary>Further caches of a node.</summary>
internal static class MoreCaches
{
    /// <summary>Adds a cache in memory that follows the log of another server.</summary>
    public static void AddCache(this IServiceCollection services, string name, InMemoryClient log, Action<UnstaleOptions>? configure = null)
    {
        services.AddKeyedSingleton<IInvalidationLog>(log.Name, log);
        services.AddUnstale(name, o =>
        {
            o.Log = log.Name;
            configure?.Invoke(o);
        });
    }
}
