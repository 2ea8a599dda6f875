using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>4. Events: a write publishes an event, and other services, here the cart, update their own caches.</summary>
internal static class EventsStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(600) };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/events/{id}", GetAsync).ReadsProduct("4. Events", "A product that expires after 600 seconds, or at once when the shop writes it");

    public static void MapWrites(IEndpointRouteBuilder routes) =>
        routes.MapPut("/products/events/{id}", UpdateAsync).Writes("4. Events", "Update a product and publish the event, after which the cart loads it ahead").TakesBody();

    public static string Key(long id) => $"product:events:{id}";

    public static ValueTask<CacheResult<Product?>> ReadAsync(
        UnstaleCache cache, IProductReads products, long id, CancellationToken cancellationToken) =>
        products.FindAsync(cache, Key(id), id, Life, cancellationToken);

    private static async Task<IResult> GetAsync(
        long id, UnstaleCache cache, IProductReads products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await ReadAsync(cache, products, id, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        long id, ProductChange change, ProductEvents events, Catalogue catalogue, CancellationToken cancellationToken)
    {
        if (change.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        var updated = await catalogue.UpdateAsync(id, change, product => events.PublishAsync(new(product.Id, "update")), cancellationToken);
        return updated is null ? Answers.ProductNotFound() : Answers.Message("Product updated and event published");
    }
}
