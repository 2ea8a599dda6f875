using Shop.Data;

namespace Shop.Nodes;

/// <summary>Writes of a node, after which no cache of Unstale serves the old value.</summary>
internal interface INodeWrites
{
    /// <summary>Updates a product and returns the new state, or null if there is no such product.</summary>
    /// <param name="id">Number of the product.</param>
    /// <param name="change">Change of the product.</param>
    /// <param name="committed">Receives the new state after the commit.</param>
    /// <param name="cancellationToken">Cancels the write before the commit.</param>
    Task<Product?> UpdateAsync(long id, ProductChange change, Action<Product> committed, CancellationToken cancellationToken);

    /// <summary>Invalidates a product as an update does, and leaves the row as it is.</summary>
    Task RehearseAsync(long id, CancellationToken cancellationToken);
}
