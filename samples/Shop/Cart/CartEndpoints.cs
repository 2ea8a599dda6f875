using Shop.Http;

namespace Shop.Cart;

/// <summary>Endpoints of the cart, in a separate address space.</summary>
internal static class CartEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, bool showsInternals)
    {
        routes.MapGet("/cart/products/{id}", ReadAsync).ReadsProduct("Cart", "A product as the cart service sees it");
        if (showsInternals)
        {
            routes.MapGet("/cart/cache/stats", static (CartService cart) => TypedResults.Ok(cart.Statistics))
                .WithTags("Cart").WithSummary("What the cart's cache has done (in the environment Development alone)");
        }
    }

    private static async Task<IResult> ReadAsync(long id, CartService cart, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await cart.ReadAsync(id, cancellationToken));
}
