using MediatR;
using Unstale.Queries;

namespace Adapters.WithMediatR;

public sealed record GetProduct(int Id) : IQuery<Product>, ICacheableQuery
{
    public string CacheKey => $"product:{Id}";

    public IEnumerable<string> Tags => [$"product:{Id}"];
}

public sealed class GetProductHandler(IProductStore store) : IRequestHandler<GetProduct, Product>
{
    public Task<Product> Handle(GetProduct request, CancellationToken cancellationToken) => store.FindAsync(request.Id, cancellationToken).AsTask();
}

public sealed record RenameProduct(int Id, string Name) : ICommand<Renamed>, IProductCommand;

public sealed class RenameProductHandler(IProductStore store) : IRequestHandler<RenameProduct, Renamed>
{
    public async Task<Renamed> Handle(RenameProduct request, CancellationToken cancellationToken) =>
        new(await store.RenameAsync(request.Id, request.Name, cancellationToken));
}

public sealed record ProductRenamed(int Id) : INotification, IProductEvent;
