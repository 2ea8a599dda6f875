using Shop.Data;
using Unstale;

namespace Shop.Strategies;

/// <summary>Reads of products through a cache, the same for every strategy. A missing product or category is not stored.</summary>
internal interface IProductReads
{
    ValueTask<CacheResult<Product?>> FindAsync(UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken);

    ValueTask<CacheResult<ProductList?>> ListFeaturedAsync(UnstaleCache cache, string key, UnstaleEntryOptions options, CancellationToken cancellationToken);

    ValueTask<CacheResult<ProductList?>> ListCategoryAsync(
        UnstaleCache cache, string key, long id, UnstaleEntryOptions options, CancellationToken cancellationToken);
}
