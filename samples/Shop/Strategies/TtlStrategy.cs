using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>1. Time to live: the value expires after a minute. A write of the product through the shop invalidates it at once.</summary>
internal static class TtlStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(60) };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/ttl/{id}", ReadAsync).ReadsProduct("1. TTL", "A product that expires after 60 seconds, or at once when the shop writes it");

    private static async Task<IResult> ReadAsync(
        long id, UnstaleCache cache, ProductReader products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await products.ReadAsync(cache, $"product:ttl:{id}", id, Life, cancellationToken));
}
