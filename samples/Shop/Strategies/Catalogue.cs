using System.Globalization;
using Shop.Data;
using Unstale;
using Unstale.Redis.Channel;

namespace Shop.Strategies;

/// <summary>
/// Every write of the shop, whatever the strategy: the commit, then the change said to the log, which makes the product true under
/// all strategies, then the strategy's own step. Where there are other services, they are told of products too.
/// </summary>
/// <remarks>
/// The order in which writers come to the cache is not that of their commits. Invalidations need none. What is written through does: each
/// write also tells the version that it gave a product, with the value or without.
/// </remarks>
internal sealed class Catalogue(ShopDatabase database, UnstaleCache cache, InvalidationPublisher? others = null)
{
    private const string Product = "product";

    private static readonly EntityType ProductType = EntityType.Custom(Product);

    /// <param name="id">The product.</param>
    /// <param name="change">What is to change.</param>
    /// <param name="store">Tells the cache of value and version.</param>
    /// <param name="cancellationToken">Ends it before the commit.</param>
    public Task<Product?> WriteThroughAsync(long id, ProductChange change, Func<Product, ValueTask> store, CancellationToken cancellationToken) =>
        WriteAsync(() => database.UpdateProductAsync(id, change, cancellationToken), Product, id, ChangeOperation.Update, store);

    public Task<Product?> UpdateAsync(long id, ProductChange change, Func<Product, ValueTask> then, CancellationToken cancellationToken) =>
        WriteAsync(
            () => database.UpdateProductAsync(id, change, cancellationToken), Product, id, ChangeOperation.Update, product => TellAsync(product, then));

    public async Task<bool> DeleteAsync(long id, Func<ValueTask> then, CancellationToken cancellationToken) =>
        await WriteAsync(
            () => database.DeleteProductAsync(id, cancellationToken), Product, id, ChangeOperation.Delete, product => TellAsync(product, _ => then())) is not null;

    public async Task<bool> UpdateCategoryAsync(long id, CategoryChange change, CancellationToken cancellationToken) =>
        await WriteAsync(
            () => database.UpdateCategoryAsync(id, change, cancellationToken), "category", id, ChangeOperation.Update, TellAllAsync) is not null;

    private async ValueTask TellAsync(Product product, Func<Product, ValueTask> then)
    {
        await cache.InvalidateBelowAsync(WriteThroughStrategy.Key(product.Id), product.Version, CancellationToken.None);
        await then(product);
    }

    private async ValueTask TellAllAsync(ProductList category) =>
        await Task.WhenAll(category.Products.Select(product => TellAsync(product, static _ => default).AsTask()));

    private async Task<T?> WriteAsync<T>(Func<Task<T?>> commit, string resource, long id, ChangeOperation operation, Func<T, ValueTask> then)
        where T : class
    {
        if (await CommitAsync(commit, resource, id, operation) is not { } written)
        {
            return null;
        }

        // From here on a client that hangs up must not stop what follows the commit.
        await cache.Invalidator.ChangedAsync(resource, id, operation, cancellationToken: CancellationToken.None);
        TellOthers(resource, id, operation);
        await then(written);
        return written;
    }

    /// <summary>Unknown means stale. A write that failed before its commit changed nothing, and takes nothing from the cache.</summary>
    private async Task<T?> CommitAsync<T>(Func<Task<T?>> commit, string resource, long id, ChangeOperation operation)
    {
        try
        {
            return await commit();
        }
        catch (CommitUnknownException)
        {
            await cache.Invalidator.ChangedAsync(resource, id, operation, cancellationToken: CancellationToken.None);
            await ForgetVersionsAsync(resource, id);
            TellOthers(resource, id, operation);
            throw;
        }
    }

    /// <summary>Nobody knows the version that may have been committed: a late writer of an older one must not come through.</summary>
    private async ValueTask ForgetVersionsAsync(string resource, long id) =>
        _ = resource == Product
            ? await cache.InvalidateBelowAsync(WriteThroughStrategy.Key(id), long.MaxValue, CancellationToken.None)
            : await cache.Invalidator.InvalidateEverythingAsync("the outcome of a commit is unknown", CancellationToken.None);

    /// <summary>Nobody waits for it: who does not listen does not hear it anyway, and a failure is logged.</summary>
    private void TellOthers(string resource, long id, ChangeOperation operation)
    {
        if (others is not null && resource == Product)
        {
            var key = id.ToString(CultureInfo.InvariantCulture);
            var message = operation == ChangeOperation.Delete ? others.Delete(ProductType, key) : others.Update(ProductType, key);
            _ = others.TryPublishAsync(message).AsTask();
        }
    }
}
