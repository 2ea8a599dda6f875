using Shop.Data;
using Unstale;

namespace Shop.Strategies;

/// <summary>
/// Reads by SQL. Under every strategy the value carries the tags of all data it was derived from, so that a write through any strategy reaches it.
/// </summary>
internal sealed class TaggedReads(ShopDatabase database) : IProductReads
{
    public ValueTask<CacheResult<Product?>> FindAsync(
        UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken) =>
        cache.GetOrCreateResultAsync(key, (database, id), FindAsync, options, [ProductTag(id), .. ShopRules.TagsOf(key)], cancellationToken);

    public ValueTask<CacheResult<ProductList?>> ListFeaturedAsync(
        UnstaleCache cache, string key, UnstaleEntryOptions options, CancellationToken cancellationToken) =>
        cache.GetOrCreateResultAsync(key, database, ListFeaturedAsync, options, ["product"], cancellationToken);

    public ValueTask<CacheResult<ProductList?>> ListCategoryAsync(
        UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken) =>
        cache.GetOrCreateResultAsync(key, (database, id), ListCategoryAsync, options, [CategoryTag(id), "product"], cancellationToken);

    /// <summary>Returns the tags of the data that a product is derived from.</summary>
    public static string[] TagsOf(Product product) => [ProductTag(product.Id), CategoryTag(product.CategoryId)];

    private static async ValueTask<Product?> FindAsync(
        (ShopDatabase Database, long Id) source, LoadContext load, CancellationToken cancellationToken)
    {
        var product = await source.Database.FindProductAsync(source.Id, cancellationToken);
        if (product is null)
        {
            load.DoNotStore();
            return null;
        }

        load.AddTag(CategoryTag(product.CategoryId));
        return product;
    }

    private static async ValueTask<ProductList?> ListFeaturedAsync(ShopDatabase database, LoadContext load, CancellationToken cancellationToken)
    {
        var list = await database.ListFeaturedAsync(cancellationToken);
        foreach (var category in list.Products.Select(static product => product.CategoryId).Distinct())
        {
            load.AddTag(CategoryTag(category));
        }

        return list;
    }

    private static async ValueTask<ProductList?> ListCategoryAsync(
        (ShopDatabase Database, long Id) source, LoadContext load, CancellationToken cancellationToken)
    {
        var list = await source.Database.ListCategoryAsync(source.Id, cancellationToken);
        if (list is null)
            load.DoNotStore();

        return list;
    }

    private static string ProductTag(long id) => $"product:{id}";

    private static string CategoryTag(long id) => $"category:{id}";
}
