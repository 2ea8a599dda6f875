using Mediator;
using Unstale.Queries;

namespace Adapters.WithMediator;

public sealed record GetProduct(int Id) : IQuery<Product>, ICacheableQuery
{
    public string CacheKey => $"product:{Id}";

    public IEnumerable<string> Tags => [$"product:{Id}"];
}

public sealed class GetProductHandler(IProductStore store) : IQueryHandler<GetProduct, Product>
{
    public ValueTask<Product> Handle(GetProduct query, CancellationToken cancellationToken) => store.FindAsync(query.Id, cancellationToken);
}

public sealed record RenameProduct(int Id, string Name) : ICommand<Renamed>, IProductCommand;

public sealed class RenameProductHandler(IProductStore store) : ICommandHandler<RenameProduct, Renamed>
{
    public async ValueTask<Renamed> Handle(RenameProduct command, CancellationToken cancellationToken) =>
        new(await store.RenameAsync(command.Id, command.Name, cancellationToken));
}

public sealed record ProductRenamed(int Id) : INotification, IProductEvent;
