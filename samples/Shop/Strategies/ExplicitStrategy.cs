using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>2. Explicit invalidation: each writer removes the key.</summary>
internal static class ExplicitStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(3600) };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/explicit/{id}", GetAsync).ReadsProduct("2. Explicit", "A product that expires after 3600 seconds, or at once when the shop writes or deletes it");

    public static void MapWrites(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/products/explicit/{id}", DeleteAsync).Writes("2. Explicit", "Delete a product and remove its key");

    public static string Key(long id) => $"product:explicit:{id}";

    public static ValueTask<CacheResult<Product?>> ReadAsync(
        UnstaleCache cache, IProductReads products, long id, CancellationToken cancellationToken) =>
        products.FindAsync(cache, Key(id), id, Life, cancellationToken);

    private static async Task<IResult> GetAsync(
        long id, UnstaleCache cache, IProductReads products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await ReadAsync(cache, products, id, cancellationToken));

    private static async Task<IResult> DeleteAsync(
        long id, UnstaleCache cache, Catalogue catalogue, CancellationToken cancellationToken) =>
        await catalogue.DeleteAsync(id, () => cache.RemoveAsync(Key(id), CancellationToken.None), cancellationToken)
            ? Answers.Message("Product deleted and cache invalidated")
            : Answers.ProductNotFound();
}
