using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>5. Stale while revalidate: in the last 30 of 120 seconds the old value is served at once and refreshed in the background.</summary>
internal static class StaleWhileRevalidateStrategy
{
    public const string Key = "products:featured";

    private static readonly UnstaleEntryOptions Life = new()
    {
        Expiration = TimeSpan.FromSeconds(120),
        FreshFor = TimeSpan.FromSeconds(90),
    };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/featured", GetAsync).ReadsList("5. SWR", "The featured products; in the last 30 of 120 seconds an old list is served while a new one loads, after a write a new one at once");

    public static ValueTask<CacheResult<ProductList?>> ReadAsync(UnstaleCache cache, IProductReads products, CancellationToken cancellationToken) =>
        products.ListFeaturedAsync(cache, Key, Life, cancellationToken);

    private static async Task<IResult> GetAsync(
        UnstaleCache cache, IProductReads products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await ReadAsync(cache, products, cancellationToken));
}
