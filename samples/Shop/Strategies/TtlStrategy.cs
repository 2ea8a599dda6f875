using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>1. Time to live: the value expires after a minute. A write of the product through the shop invalidates it at once.</summary>
internal static class TtlStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(60) };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/ttl/{id}", GetAsync).ReadsProduct("1. TTL", "A product that expires after 60 seconds, or at once when the shop writes it");

    public static string Key(long id) => $"product:ttl:{id}";

    public static ValueTask<CacheResult<Product?>> ReadAsync(
        UnstaleCache cache, IProductReads products, long id, CancellationToken cancellationToken) =>
        products.FindAsync(cache, Key(id), id, Life, cancellationToken);

    private static async Task<IResult> GetAsync(
        long id, UnstaleCache cache, IProductReads products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await ReadAsync(cache, products, id, cancellationToken));
}
