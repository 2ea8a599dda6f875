using Microsoft.EntityFrameworkCore;
using Shop.Data;
using Shop.Nodes;

namespace Shop.EntityFramework;

/// <summary>Writes of products and categories. No write invalidates: every cache of the log follows the commits of the context.</summary>
internal sealed class ContextCatalogue(IDbContextFactory<ShopContext> contexts, TimeProvider time) : INodeWrites
{
    /// <summary>Updates a product and returns the new state, or null if there is no such product.</summary>
    public Task<Product?> UpdateAsync(long id, ProductChange change, CancellationToken cancellationToken) => SaveAsync(
        async context =>
        {
            if (await FindAsync(context, id, cancellationToken) is not { } product)
                return null;
            product.Name = change.Name ?? product.Name;
            product.Description = change.Description ?? product.Description;
            product.PriceInCents = change.ToCents() ?? product.PriceInCents;
            product.Version++;
            product.ChangedAt = Now();
            return product;
        },
        ToProduct);

    public async Task<Product?> UpdateAsync(long id, ProductChange change, Action<Product> committed, CancellationToken cancellationToken)
    {
        var product = await UpdateAsync(id, change, cancellationToken);
        if (product is not null)
            committed(product);
        return product;
    }

    public async Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) => await SaveAsync(
        async context =>
        {
            var product = await FindAsync(context, id, cancellationToken);
            if (product is not null)
                context.Remove(product);
            return product;
        },
        static deleted => deleted) is not null;

    public async Task<bool> UpdateCategoryAsync(long id, CategoryChange change, CancellationToken cancellationToken) => await SaveAsync(
        async context =>
        {
            if (await context.Categories.SingleOrDefaultAsync(category => category.Id == id, cancellationToken) is not { } category)
                return null;
            category.Name = change.Name ?? category.Name;
            category.Version++;
            category.ChangedAt = Now();
            return category;
        },
        static saved => saved) is not null;

    /// <summary>Saves the product as it is.</summary>
    public Task RehearseAsync(long id, CancellationToken cancellationToken) => SaveAsync(
        async context =>
        {
            var product = await FindAsync(context, id, cancellationToken);
            if (product is not null)
                context.Entry(product).Property(static one => one.Name).IsModified = true;
            return product;
        },
        ToProduct);

    /// <summary>Changes rows and saves them. If another writer was faster, the rows are read and changed again. Once the save has begun, a client that disconnects does not cancel it.</summary>
    private async Task<TResult?> SaveAsync<T, TResult>(Func<ShopContext, Task<T?>> change, Func<T, TResult> result)
        where T : class
        where TResult : class
    {
        while (true)
        {
            await using var context = await contexts.CreateDbContextAsync();
            if (await change(context) is not { } changed)
                return null;
            try
            {
                await context.SaveChangesAsync(CancellationToken.None);
                return result(changed);
            }
            catch (DbUpdateConcurrencyException)
            {
                // One of the writers has succeeded, so the loop ends.
            }
        }
    }

    private static Task<StoredProduct?> FindAsync(ShopContext context, long id, CancellationToken cancellationToken) =>
        context.Products.Include(static product => product.Category).SingleOrDefaultAsync(product => product.Id == id, cancellationToken);

    private static Product ToProduct(StoredProduct saved) => new(
        saved.Id, saved.Name, saved.Description, saved.PriceInCents / 100m, saved.CategoryId, saved.Category.Name, saved.Featured, saved.Version + saved.Category.Version);

    private long Now() => ProductVersion.Microseconds(time.GetUtcNow());
}
