using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>7. Production: key, event and tags together, and a time to live as the safety net.</summary>
internal static class ProductionStrategy
{
    /// <summary>Resource that a write of this strategy changes besides the product. <see cref="ShopRules"/> defines the consequences.</summary>
    public const string Resource = "production";

    public const string AllProducts = "all_products";

    /// <summary>Beginning of all keys of this strategy.</summary>
    public const string Keys = "product:production:";

    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(300) };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/production/{id}", GetAsync).ReadsProduct("7. Production", "A product under all strategies at once");

    public static void MapWrites(IEndpointRouteBuilder routes) =>
        routes.MapPut("/products/production/{id}", UpdateAsync)
            .Writes("7. Production", "Update a product: key, event and tags").TakesBody();

    public static string Key(long id) => $"{Keys}{id}";

    public static ValueTask<CacheResult<Product?>> ReadAsync(
        UnstaleCache cache, IProductReads products, long id, CancellationToken cancellationToken) =>
        products.FindAsync(cache, Key(id), id, Life, cancellationToken);

    private static async Task<IResult> GetAsync(
        long id, UnstaleCache cache, IProductReads products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await ReadAsync(cache, products, id, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        long id,
        ProductChange change,
        IInvalidator invalidator,
        ProductEvents events,
        Catalogue catalogue,
        CancellationToken cancellationToken)
    {
        if (change.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        var updated = await catalogue.UpdateAsync(id, change, product => SpreadAsync(product, invalidator, events), cancellationToken);
        return updated is null ? Answers.ProductNotFound() : Answers.Message("Product updated using production strategy");
    }

    private static async ValueTask SpreadAsync(Product product, IInvalidator invalidator, ProductEvents events)
    {
        await invalidator.ChangedAsync(Resource, product.Id, context: new Dictionary<string, object?> { ["category"] = product.CategoryId });
        await events.PublishKeyAsync(new(product.Id, "update"), Key(product.Id));
    }
}
