using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;

namespace Adapters.WithMassTransit;

public sealed class GetProductConsumer(QueryCache queries) : IConsumer<GetProduct>
{
    // Returns the cached result. A miss reads with services that live as long as the load.
    public async Task Consume(ConsumeContext<GetProduct> context) => await context.RespondAsync(await queries.ExecuteAsync(
        context.Message,
        static (query, load, token) => load.Services.GetRequiredService<IProductStore>().FindAsync(query.Id, token),
        context.CancellationToken));
}

public sealed class RenameProductConsumer(IProductStore store) : IConsumer<RenameProduct>
{
    public async Task Consume(ConsumeContext<RenameProduct> context)
    {
        if (!await store.RenameAsync(context.Message.Id, context.Message.Name, context.CancellationToken))
            throw new InvalidOperationException($"The name of product {context.Message.Id} is not free."); // a fault, so nothing is invalidated
        await context.RespondAsync(new Renamed(IsSuccess: true));
    }
}
