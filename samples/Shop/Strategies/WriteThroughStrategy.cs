using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>3. Write-through: a write puts the new value into the cache, and the next read is a hit.</summary>
internal static class WriteThroughStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(300) };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/products/writethrough/{id}", ReadAsync).ReadsProduct("3. Write-through", "A product that its writes keep warm");
        routes.MapPut("/products/writethrough/{id}", UpdateAsync)
            .Writes("3. Write-through", "Update database and cache", typeof(ProductAnswer));
    }

    private static string Key(long id) => $"product:writethrough:{id}";

    private static async Task<IResult> ReadAsync(
        long id, UnstaleCache cache, ProductReader products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await products.ReadAsync(cache, Key(id), id, Life, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        long id, ProductChange change, UnstaleCache cache, Catalogue catalogue, CancellationToken cancellationToken)
    {
        if (change.FindFault() is { } fault)
        {
            return Answers.BadRequest(fault);
        }

        var updated = await catalogue.UpdateAsync(id, change, product => StoreAsync(cache, product), cancellationToken);
        return updated is null ? Answers.ProductNotFound() : TypedResults.Ok(ProductAnswer.Of(updated, cached: false));
    }

    private static ValueTask StoreAsync(UnstaleCache cache, Product product) =>
        cache.SetAsync<Product?>(
            Key(product.Id), product, Life, [$"product:{product.Id}", $"category:{product.CategoryId}"], CancellationToken.None);
}
