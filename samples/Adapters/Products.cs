using Unstale.Queries;

namespace Adapters;

/// <summary>Product, as cached.</summary>
public sealed record Product(int Id, string Name);

/// <summary>Result of a command that can fail without an exception.</summary>
public sealed record Renamed(bool IsSuccess) : ISucceeded;

/// <summary>Source of truth. The container creates one for each scope, like a <c>DbContext</c>.</summary>
public interface IProductStore
{
    ValueTask<Product> FindAsync(int id, CancellationToken token);

    /// <summary>Commits a new name. Returns false if the name belongs to another product.</summary>
    ValueTask<bool> RenameAsync(int id, string name, CancellationToken token);
}

/// <summary>Command that changes a product.</summary>
public interface IProductCommand
{
    int Id { get; }
}

/// <summary>Event about a product that has changed.</summary>
public interface IProductEvent
{
    int Id { get; }
}
