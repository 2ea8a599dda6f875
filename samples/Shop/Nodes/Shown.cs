using Shop.Data;

namespace Shop.Nodes;

/// <summary>Product that a cache returned.</summary>
/// <param name="Product">Product; null if the cache found none.</param>
/// <param name="Outcome">Source of the product: memory, stale, remote, load or joined; none if memory was looked at and is empty.</param>
/// <param name="Age">Time since the value was stored in memory.</param>
/// <param name="ExpiresIn">Remaining time until the value in memory expires.</param>
internal readonly record struct Shown(Product? Product, string Outcome, TimeSpan? Age, TimeSpan? ExpiresIn)
{
    /// <summary>Outcome of a look into memory that found nothing: a read would load.</summary>
    public const string Nothing = "none";
}
