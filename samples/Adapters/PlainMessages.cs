using Unstale.Queries;

namespace Adapters;

// Wolverine and MassTransit need no interfaces on messages.

public sealed record GetProduct(int Id) : ICacheableQuery
{
    public string CacheKey => $"product:{Id}";

    public IEnumerable<string> Tags => [$"product:{Id}"];
}

public sealed record RenameProduct(int Id, string Name) : IProductCommand;

public sealed record ProductRenamed(int Id) : IProductEvent;
