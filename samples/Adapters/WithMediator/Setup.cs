using Mediator;
using Microsoft.Extensions.DependencyInjection;

namespace Adapters.WithMediator;

public static class Setup
{
    public static IServiceCollection AddProductsWithMediator(this IServiceCollection services)
    {
        services.AddProductCache();
        services.AddMediator((MediatorOptions options) =>
        {
            options.ServiceLifetime = ServiceLifetime.Scoped;
            options.PipelineBehaviors = [typeof(InvalidatingCommands<,>), typeof(CachedQueries<,>)];
        });
        return services;
    }
}
