using Shop.Data;
using Shop.Http;
using Unstale;

namespace Shop.Strategies;

/// <summary>6. Tags: all entries derived from a category carry its tag, and one call invalidates them.</summary>
internal static class TagsStrategy
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(300) };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/products/by-category/{id}", GetAsync)
            .ReadsList("6. Tags", "The products of a category").ProducesProblem(StatusCodes.Status404NotFound);

    public static void MapWrites(IEndpointRouteBuilder routes) =>
        routes.MapPut("/categories/{id}", UpdateAsync)
            .Writes("6. Tags", "Update a category and invalidate all that carries its tag").TakesBody();

    public static string Key(long id) => $"products:category:{id}";

    public static ValueTask<CacheResult<ProductList?>> ReadAsync(
        UnstaleCache cache, IProductReads products, long id, CancellationToken cancellationToken) =>
        products.ListCategoryAsync(cache, Key(id), id, Life, cancellationToken);

    private static async Task<IResult> GetAsync(
        long id, UnstaleCache cache, IProductReads products, HttpContext http, CancellationToken cancellationToken) =>
        Answers.Of(http, await ReadAsync(cache, products, id, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        long id, CategoryChange? change, Catalogue catalogue, CancellationToken cancellationToken)
    {
        if (change?.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        return await catalogue.UpdateCategoryAsync(id, change ?? new CategoryChange(), cancellationToken)
            ? Answers.Message("Category updated, all related products invalidated")
            : Answers.CategoryNotFound();
    }
}
