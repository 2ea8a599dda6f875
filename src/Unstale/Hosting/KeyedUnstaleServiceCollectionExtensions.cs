using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Unstale;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds caches under a service key, with the same calls as <c>AddKeyedHybridCache</c>.</summary>
public static class KeyedUnstaleServiceCollectionExtensions
{
    /// <summary>
    /// Adds a cache under a service key of any type. With a string, equal to <c>AddUnstale(name)</c>. Otherwise the name of the cache is the text of the key,
    /// which must differ from the names of other caches.
    /// </summary>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="serviceKey">Key of the services <see cref="UnstaleCache"/>, <see cref="HybridCache"/> and <see cref="IInvalidator"/>.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    /// <exception cref="ArgumentException">The text of the key is empty.</exception>
    public static IUnstaleBuilder AddKeyedUnstale(this IServiceCollection services, object serviceKey, Action<UnstaleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        var builder = services.AddUnstale(serviceKey.ToString()!, configure);
        if (serviceKey is string)
            return builder;
        services.ReplaceMicrosofts(builder.Name, serviceKey);
        services.TryAddKeyedSingleton(serviceKey, (s, _) => s.GetRequiredKeyedService<UnstaleCache>(builder.Name));
        services.TryAddKeyedSingleton<HybridCache>(serviceKey, (s, _) => s.GetRequiredKeyedService<UnstaleCache>(builder.Name));
        services.TryAddKeyedSingleton(serviceKey, (s, _) => s.GetRequiredKeyedService<IInvalidator>(builder.Name));
        return builder;
    }
}
