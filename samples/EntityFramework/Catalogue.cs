using Microsoft.EntityFrameworkCore;
using Unstale;

namespace CatalogueSample;

/// <summary>Cached results of queries. No read has a tag: the cache records the rows that a query can return.</summary>
internal sealed class Catalogue(UnstaleCache cache, IDbContextFactory<CatalogueContext> contexts)
{
    public ValueTask<ProductPage> ProductAsync(int id) => ReadAsync($"product:{id}", (context, stop) => context.Products
        .Where(product => product.Id == id)
        .Select(product => new ProductPage(product.Name, product.Price, product.Category!.Name))
        .SingleAsync(stop));

    public ValueTask<int> FeaturedAsync() => ReadAsync("featured", (context, stop) => context.Products.CountAsync(product => product.IsFeatured, stop));

    public ValueTask<List<ProductLine>> PricedAsync(decimal from, decimal to) => ReadAsync(FormattableString.Invariant($"price:{from}-{to}"), (context, stop) => context.Products
        .Where(product => product.Price >= from && product.Price <= to)
        .OrderBy(product => product.Name)
        .Select(product => new ProductLine(product.Name, product.Price))
        .ToListAsync(stop));

    public ValueTask<List<ProductLine>> CategoryAsync(int category) => ReadAsync($"category:{category}", (context, stop) => context.Products
        .Where(product => product.CategoryId == category)
        .OrderBy(product => product.Name)
        .Select(product => new ProductLine(product.Name, product.Price))
        .ToListAsync(stop));

    private ValueTask<T> ReadAsync<T>(string key, Func<CatalogueContext, CancellationToken, Task<T>> query) => cache.GetOrCreateAsync(key, async stop =>
    {
        await using var context = await contexts.CreateDbContextAsync(stop);
        return await query(context, stop);
    });
}
