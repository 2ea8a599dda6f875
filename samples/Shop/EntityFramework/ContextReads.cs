using Microsoft.EntityFrameworkCore;
using Shop.Data;
using Shop.Strategies;
using Unstale;

namespace Shop.EntityFramework;

/// <summary>Cached reads of products. No read has a tag: the cache records the rows that a query can return.</summary>
internal sealed class ContextReads(IDbContextFactory<ShopContext> contexts) : IProductReads
{
    public ValueTask<CacheResult<Product?>> FindAsync(UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken) =>
        ReadAsync(cache, key, (context, token) => FindAsync(context, id, token), options, cancellationToken);

    public ValueTask<CacheResult<ProductList?>> ListFeaturedAsync(UnstaleCache cache, string key, UnstaleEntryOptions options, CancellationToken cancellationToken) =>
        ReadAsync(cache, key, ListFeaturedAsync, options, cancellationToken);

    public ValueTask<CacheResult<ProductList?>> ListCategoryAsync(
        UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken) =>
        ReadAsync(cache, key, (context, token) => ListCategoryAsync(context, id, token), options, cancellationToken);

    /// <summary>Runs each query once: the first use builds the model and compiles the query, which can take a second.</summary>
    public async Task CompileAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await FindAsync(context, id: 1, cancellationToken);
        await ListFeaturedAsync(context, cancellationToken);
        await ListCategoryAsync(context, id: 1, cancellationToken);
    }

    /// <summary>Returns a cached result, or runs its query. A missing product or category is not stored.</summary>
    private ValueTask<CacheResult<T?>> ReadAsync<T>(
        UnstaleCache cache, string key, Func<ShopContext, CancellationToken, Task<T?>> query, UnstaleEntryOptions options, CancellationToken cancellationToken)
        where T : class =>
        cache.GetOrCreateResultAsync(
            key,
            async (load, token) =>
            {
                await using var context = await contexts.CreateDbContextAsync(token);
                var result = await query(context, token);
                if (result is null)
                    load.DoNotStore();
                return result;
            },
            options,
            cancellationToken: cancellationToken);

    private static async Task<Product?> FindAsync(ShopContext context, long id, CancellationToken cancellationToken) =>
        (await Rows(context.Products.Where(product => product.Id == id)).SingleOrDefaultAsync(cancellationToken))?.ToProduct();

    private static Task<ProductList?> ListFeaturedAsync(ShopContext context, CancellationToken cancellationToken) =>
        ListAsync(context.Products.Where(product => product.Featured), cancellationToken);

    private static async Task<ProductList?> ListCategoryAsync(ShopContext context, long id, CancellationToken cancellationToken) =>
        await context.Categories.AnyAsync(category => category.Id == id, cancellationToken)
            ? await ListAsync(context.Products.Where(product => product.CategoryId == id), cancellationToken)
            : null;

    private static async Task<ProductList?> ListAsync(IQueryable<StoredProduct> products, CancellationToken cancellationToken) =>
        new([.. (await Rows(products.OrderBy(product => product.Id)).ToListAsync(cancellationToken)).Select(static row => row.ToProduct())]);

    private static IQueryable<ProductRow> Rows(IQueryable<StoredProduct> products) => products.Select(static product => new ProductRow
    {
        Id = product.Id,
        Name = product.Name,
        Description = product.Description,
        PriceInCents = product.PriceInCents,
        CategoryId = product.CategoryId,
        CategoryName = product.Category.Name,
        Featured = product.Featured,
        Version = product.Version + product.Category.Version,
    });
}
