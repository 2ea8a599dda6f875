using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;

namespace Adapters.WithWolverine;

public static class ProductHandlers
{
    // Returns the cached result. A miss reads with services that live as long as the load.
    public static ValueTask<Product> Handle(GetProduct query, QueryCache queries, CancellationToken token) =>
        queries.ExecuteAsync(query, static (query, load, token) => load.Services.GetRequiredService<IProductStore>().FindAsync(query.Id, token), token);

    public static async Task<Renamed> Handle(RenameProduct command, IProductStore store, CancellationToken token) =>
        new(await store.RenameAsync(command.Id, command.Name, token));

    // An event of this service or of another one.
    public static async Task Handle(ProductRenamed renamed, CompositeInvalidationStrategy strategy, CancellationToken token) =>
        await strategy.InvalidateAsync(renamed, token);
}
