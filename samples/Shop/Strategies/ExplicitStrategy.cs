using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>2. Explicit invalidation: each writer removes the key.</summary>
internal static class ExplicitStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(3600) };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/products/explicit/{id}", ReadAsync).ReadsProduct("2. Explicit", "A product that expires after 3600 seconds, or at once when the shop writes or deletes it");
        routes.MapDelete("/products/explicit/{id}", DeleteAsync).Writes("2. Explicit", "Delete a product and remove its key");
    }

    private static string Key(long id) => $"product:explicit:{id}";

    private static async Task<IResult> ReadAsync(
        long id, UnstaleCache cache, ProductReader products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await products.ReadAsync(cache, Key(id), id, Life, cancellationToken));

    private static async Task<IResult> DeleteAsync(
        long id, UnstaleCache cache, Catalogue catalogue, CancellationToken cancellationToken) =>
        await catalogue.DeleteAsync(id, () => cache.RemoveAsync(Key(id), CancellationToken.None), cancellationToken)
            ? Answers.Message("Product deleted and cache invalidated")
            : Answers.ProductNotFound();
}
