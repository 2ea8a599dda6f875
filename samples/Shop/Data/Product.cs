using System.ComponentModel;

namespace Shop.Data;

/// <summary>
/// A product as the database has it. Immutable, so that the cache shares one instance among all readers. Its version rises with each write
/// of what it shows: the product's row, and its category's.
/// </summary>
[ImmutableObject(true)]
internal sealed record Product(
    long Id, string Name, string Description, decimal Price, long CategoryId, string CategoryName, bool Featured, long Version);
