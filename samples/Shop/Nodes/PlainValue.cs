using System.ComponentModel;
using Shop.Data;

namespace Shop.Nodes;

/// <summary>Value in a plain HybridCache, which reports neither the age nor the source of its values.</summary>
/// <param name="Product">Product; null if there is none.</param>
/// <param name="LoadedAt">Timestamp of the load.</param>
[ImmutableObject(true)]
internal sealed record PlainValue(Product? Product, long LoadedAt);
