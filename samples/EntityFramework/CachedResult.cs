namespace CatalogueSample;

/// <summary>Cached result that the program observes.</summary>
/// <param name="Title">Title of the column.</param>
/// <param name="Key">Key in the cache.</param>
/// <param name="ReadAsync">Reads the result as text.</param>
internal sealed record CachedResult(string Title, string Key, Func<Catalogue, Task<string>> ReadAsync)
{
    public static IReadOnlyList<CachedResult> All { get; } =
    [
        new("lamps", "category:1", static async catalogue => string.Join(", ", await catalogue.CategoryAsync(CatalogueContext.Lamps))),
        new("chairs", "category:2", static async catalogue => string.Join(", ", await catalogue.CategoryAsync(CatalogueContext.Chairs))),
        new("product 1", "product:1", static async catalogue => $"{await catalogue.ProductAsync(1)}"),
        new("featured", "featured", static async catalogue => $"{await catalogue.FeaturedAsync()}"),
        new("40 to 60", "price:40-60", static async catalogue => string.Join(", ", await catalogue.PricedAsync(40, 60))),
    ];
}
