using Shop.Data;
using Unstale;

namespace Shop.Strategies;

/// <summary>
/// Reads of one product through a cache. Under every strategy the value carries the tags of all data it was derived from, so that a write through any
/// strategy reaches it. A missing product is not stored.
/// </summary>
internal sealed class ProductReader(ShopDatabase database)
{
    public ValueTask<CacheResult<Product?>> ReadAsync(
        UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken, params string[] tags) =>
        cache.GetOrCreateResultAsync(key, (database, id), LoadAsync, options, [ProductTag(id), .. tags], cancellationToken);

    private static async ValueTask<Product?> LoadAsync(
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

    /// <summary>Returns the tags of the data that a product is derived from.</summary>
    public static string[] TagsOf(Product product) => [ProductTag(product.Id), CategoryTag(product.CategoryId)];

    private static string ProductTag(long id) => $"product:{id}";

    private static string CategoryTag(long id) => $"category:{id}";
}
