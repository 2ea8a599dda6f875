using Unstale;

namespace Shop.Nodes;

/// <summary>Node of the comparison. Each of the two caches has a memory of its own.</summary>
/// <param name="name">Name of the node in addresses.</param>
/// <param name="cache">Cache of Unstale, which follows the log that all nodes share.</param>
/// <param name="writes">Writes of the shop on this node.</param>
/// <param name="plain">HybridCache without Unstale.</param>
internal sealed class ShopNode(string name, UnstaleCache cache, INodeWrites writes, PlainCache plain) : IAsyncDisposable
{
    public string Name => name;

    public UnstaleCache Cache => cache;

    public INodeWrites Writes => writes;

    public PlainCache Plain => plain;

    /// <summary>Disposes the plain cache. The container of the shop disposes the other objects.</summary>
    public ValueTask DisposeAsync() => plain.DisposeAsync();
}
