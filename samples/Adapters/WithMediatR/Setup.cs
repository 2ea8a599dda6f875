using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Adapters.WithMediatR;

public static class Setup
{
    public static IServiceCollection AddProductsWithMediatR(this IServiceCollection services)
    {
        services.AddProductCache();
        services.AddScoped<IMediator>(static s => new MediatR.Mediator(s.GetRequiredService));
        services.AddScoped<IRequestHandler<GetProduct, Product>, GetProductHandler>();
        services.AddScoped<IRequestHandler<RenameProduct, Renamed>, RenameProductHandler>();
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(InvalidatingCommands<,>)); // outermost
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(CachedQueries<,>));        // innermost
        services.AddScoped(typeof(INotificationHandler<>), typeof(InvalidatingEvents<>));
        return services;
    }
}
