using Shop.Data;
using Unstale;

namespace Shop.Strategies;

/// <summary>
/// Reads one product through a cache. Whatever the strategy, the value carries the tags of all that it was made from, so that a
/// write through any strategy reaches it. A product that does not exist is not kept.
/// </summary>
internal sealed class ProductReader(ShopDatabase database)
{
    public ValueTask<CacheResult<Product?>> ReadAsync(
        UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken, params string[] tags) =>
        cache.GetWithInfoAsync(key, (database, id), LoadAsync, options, [ProductTag(id), .. tags], cancellationToken);

    private static async ValueTask<Product?> LoadAsync(
        (ShopDatabase Database, long Id) source, FillContext fill, CancellationToken cancellationToken)
    {
        var product = await source.Database.FindProductAsync(source.Id, cancellationToken);
        if (product is null)
        {
            fill.DoNotStore();
            return null;
        }

        fill.AddTag(CategoryTag(product.CategoryId));
        return product;
    }

    /// <summary>What a value of this product is made from.</summary>
    public static string[] TagsOf(Product product) => [ProductTag(product.Id), CategoryTag(product.CategoryId)];

    private static string ProductTag(long id) => $"product:{id}";

    private static string CategoryTag(long id) => $"category:{id}";
}
