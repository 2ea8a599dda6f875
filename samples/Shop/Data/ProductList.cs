using System.Collections.Immutable;
using System.ComponentModel;

namespace Shop.Data;

/// <summary>Products in the order of their ids. An empty list is a value like any other.</summary>
[ImmutableObject(true)]
internal sealed record ProductList(ImmutableArray<Product> Products);
