using System.ComponentModel;

namespace Shop.Data;

/// <summary>A product as the database has it. Immutable, so that the cache shares one instance among all readers.</summary>
[ImmutableObject(true)]
internal sealed record Product(
    long Id, string Name, string Description, decimal Price, long CategoryId, string CategoryName, bool Featured);
