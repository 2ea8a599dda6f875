using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Adapters.WithMassTransit;

public static class Setup
{
    public static IServiceCollection AddProductsWithMassTransit(this IServiceCollection services)
    {
        services.AddProductCache();
        return services.AddMassTransit(static bus =>
        {
            bus.AddConsumer<GetProductConsumer>();
            bus.AddConsumer<RenameProductConsumer>();
            bus.AddConsumer<InvalidatingEvents<ProductRenamed>>();
            bus.UsingInMemory(static (context, transport) =>
            {
                transport.UseInMemoryOutbox(context);                                   // replies leave after the invalidation
                transport.UseConsumeFilter(typeof(InvalidatingCommands<>), context);
                transport.ConfigureEndpoints(context);
            });
        });
    }
}
