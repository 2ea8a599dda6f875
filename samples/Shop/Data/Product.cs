using System.ComponentModel;

namespace Shop.Data;

/// <summary>
/// Product as stored in the database. Immutable, so that the cache shares one instance among all readers. The version rises with each write of the
/// product's row and of its category's row.
/// </summary>
[ImmutableObject(true)]
internal sealed record Product(
    long Id, string Name, string Description, decimal Price, long CategoryId, string CategoryName, bool Featured, long Version);
