using Shop.Data;
using Shop.Http;
using Shop.Strategies;
using Unstale;

namespace Shop.EntityFramework;

/// <summary>Writes at the addresses of the strategies. Each one is a save; no strategy invalidates by hand.</summary>
internal static class ContextEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/products/explicit/{id}", DeleteAsync).Writes("2. Explicit", "Delete a product");
        routes.MapPut("/products/writethrough/{id}", WriteThroughAsync)
            .Writes("3. Write-through", "Update a product, and read it into the cache", typeof(ProductAnswer)).TakesBody();
        routes.MapPut("/products/events/{id}", PublishAsync).Writes("4. Events", "Update a product and publish the event, after which the cart loads it ahead").TakesBody();
        routes.MapPut("/categories/{id}", UpdateCategoryAsync).Writes("6. Tags", "Update a category").TakesBody();
        routes.MapPut("/products/production/{id}", ProduceAsync).Writes("7. Production", "Update a product and publish the event").TakesBody();
    }

    private static async Task<IResult> DeleteAsync(long id, ContextCatalogue catalogue, CancellationToken cancellationToken) =>
        await catalogue.DeleteAsync(id, cancellationToken) ? Answers.Message("Product deleted and cache invalidated") : Answers.ProductNotFound();

    private static Task<IResult> WriteThroughAsync(
        long id, ProductChange change, UnstaleCache cache, IProductReads products, ContextCatalogue catalogue, CancellationToken cancellationToken) =>
        UpdateAsync(id, change, catalogue, async product =>
        {
            await WriteThroughStrategy.ReadAsync(cache, products, product.Id, CancellationToken.None);
            return TypedResults.Ok(ProductAnswer.Of(product, cached: false));
        }, cancellationToken);

    private static Task<IResult> PublishAsync(
        long id, ProductChange change, ProductEvents events, ContextCatalogue catalogue, CancellationToken cancellationToken) =>
        UpdateAsync(id, change, catalogue, async product =>
        {
            await events.PublishAsync(new(product.Id, "update"));
            return Answers.Message("Product updated and event published");
        }, cancellationToken);

    private static Task<IResult> ProduceAsync(
        long id, ProductChange change, ProductEvents events, ContextCatalogue catalogue, CancellationToken cancellationToken) =>
        UpdateAsync(id, change, catalogue, async product =>
        {
            await events.PublishKeyAsync(new(product.Id, "update"), ProductionStrategy.Key(product.Id));
            return Answers.Message("Product updated using production strategy");
        }, cancellationToken);

    private static async Task<IResult> UpdateAsync(
        long id, ProductChange change, ContextCatalogue catalogue, Func<Product, Task<IResult>> then, CancellationToken cancellationToken)
    {
        if (change.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        return await catalogue.UpdateAsync(id, change, cancellationToken) is { } updated ? await then(updated) : Answers.ProductNotFound();
    }

    private static async Task<IResult> UpdateCategoryAsync(
        long id, CategoryChange? change, ContextCatalogue catalogue, CancellationToken cancellationToken)
    {
        if (change?.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        return await catalogue.UpdateCategoryAsync(id, change ?? new CategoryChange(), cancellationToken)
            ? Answers.Message("Category updated, all related products invalidated")
            : Answers.CategoryNotFound();
    }
}
