using System.Data.Common;
using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>3. Write-through: a write stores the new value in the cache, and the next read is a hit.</summary>
internal static class WriteThroughStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(300) };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/writethrough/{id}", GetAsync).ReadsProduct("3. Write-through", "A product that its writes keep warm");

    public static void MapWrites(IEndpointRouteBuilder routes) =>
        routes.MapPut("/products/writethrough/{id}", UpdateAsync)
            .Writes("3. Write-through", "Update database and cache", typeof(ProductAnswer)).TakesBody();

    /// <summary>Returns the key under which all writers of a product report its version, under every strategy.</summary>
    public static string Key(long id) => $"product:writethrough:{id}";

    public static ValueTask<CacheResult<Product?>> ReadAsync(
        UnstaleCache cache, IProductReads products, long id, CancellationToken cancellationToken) =>
        products.FindAsync(cache, Key(id), id, Life, cancellationToken);

    private static async Task<IResult> GetAsync(
        long id, UnstaleCache cache, IProductReads products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await ReadAsync(cache, products, id, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        long id, ProductChange change, UnstaleCache cache, IProductReads products, Catalogue catalogue, CancellationToken cancellationToken)
    {
        if (change.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        var updated = await catalogue.WriteThroughAsync(id, change, product => StoreAsync(cache, products, product), cancellationToken);
        return updated is null ? Answers.ProductNotFound() : TypedResults.Ok(ProductAnswer.Of(updated, cached: false));
    }

    /// <summary>
    /// Stores a written product. Of several writers, in this process and others, the one with the newest version wins. If it is uncertain which
    /// version is the newest, the product is read again, so that the next read is still a hit.
    /// </summary>
    private static async ValueTask StoreAsync(UnstaleCache cache, IProductReads products, Product product)
    {
        var written = await cache.WriteThroughAsync(
            Key(product.Id), product, product.Version, Life, TaggedReads.TagsOf(product), CancellationToken.None);
        if (written.IsStored)
            return;

        try
        {
            await ReadAsync(cache, products, product.Id, CancellationToken.None);
        }
        catch (Exception exception) when (exception is DbException or LoadRejectedException)
        {
            // The write and its invalidation stay in force: the next read finds no old value and loads the new one.
        }
    }
}
