using Microsoft.Extensions.DependencyInjection;

namespace Adapters;

/// <summary>Registration that is the same with each library.</summary>
public static class ProductCache
{
    public static IServiceCollection AddProductCache(this IServiceCollection services) => services.AddUnstale()
        .AddQueryCache()
        .InvalidateOn<IProductEvent>(static (e, i) => i.Tags($"product:{e.Id}"))
        .AddCommandInvalidation(static m => m.On<IProductCommand>(static (c, i) => i.Tags($"product:{c.Id}")))
        .Services;
}
