using Shop.Strategies;
using Unstale;

namespace Shop.Nodes;

/// <summary>Node of the comparison. Each of the two caches has a memory of its own.</summary>
/// <param name="name">Name of the node in addresses.</param>
/// <param name="cache">Cache of Unstale, which follows the log that all nodes share.</param>
/// <param name="catalogue">Writes of the shop, which this node reports to the log.</param>
/// <param name="plain">HybridCache without Unstale.</param>
internal sealed class ShopNode(string name, UnstaleCache cache, Catalogue catalogue, PlainCache plain) : IAsyncDisposable
{
    public string Name => name;

    public UnstaleCache Cache => cache;

    public Catalogue Catalogue => catalogue;

    public PlainCache Plain => plain;

    /// <summary>Disposes the plain cache. The container of the shop disposes the other objects.</summary>
    public ValueTask DisposeAsync() => plain.DisposeAsync();
}
