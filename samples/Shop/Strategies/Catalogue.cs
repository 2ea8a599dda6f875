using System.Globalization;
using Shop.Data;
using Shop.Nodes;
using Unstale;
using Unstale.Redis.Channel;

namespace Shop.Strategies;

/// <summary>
/// Writes of the shop, the same for every strategy: the commit, then the change in the log, which invalidates the product under all strategies, then
/// the step of the strategy. Other services, if there are any, are notified of products too.
/// </summary>
/// <remarks>
/// Writers reach the cache in another order than their commits. Invalidations need no order. Write-through does: each write also passes the version
/// of the product to the cache, with or without the value.
/// </remarks>
internal sealed class Catalogue(ShopDatabase database, UnstaleCache cache, InvalidationPublisher? others = null) : INodeWrites
{
    private const string Product = "product";

    private static readonly EntityType ProductType = EntityType.Custom(Product);

    /// <param name="id">Number of the product.</param>
    /// <param name="change">Change of the product.</param>
    /// <param name="store">Function that passes value and version to the cache.</param>
    /// <param name="cancellationToken">Cancels the write before the commit.</param>
    public Task<Product?> WriteThroughAsync(long id, ProductChange change, Func<Product, ValueTask> store, CancellationToken cancellationToken) =>
        WriteAsync(() => database.UpdateProductAsync(id, change, cancellationToken), Product, id, ChangeOperation.Update, store);

    public Task<Product?> UpdateAsync(long id, ProductChange change, Func<Product, ValueTask> then, CancellationToken cancellationToken) =>
        WriteAsync(() => database.UpdateProductAsync(id, change, cancellationToken), Product, id, ChangeOperation.Update, product => TellAsync(product, then));

    public Task<Product?> UpdateAsync(long id, ProductChange change, Action<Product> committed, CancellationToken cancellationToken)
    {
        return WriteAsync(CommitAsync, Product, id, ChangeOperation.Update, product => TellAsync(product, static _ => default));

        async Task<Product?> CommitAsync()
        {
            var product = await database.UpdateProductAsync(id, change, cancellationToken);
            if (product is not null)
                committed(product);
            return product;
        }
    }

    public async Task RehearseAsync(long id, CancellationToken cancellationToken)
    {
        await cache.Invalidator.ChangedAsync(Product, id, cancellationToken: cancellationToken);
        await cache.InvalidateUpToVersionAsync("rehearsal", 1, cancellationToken);
    }

    public async Task<bool> DeleteAsync(long id, Func<ValueTask> then, CancellationToken cancellationToken) =>
        await WriteAsync(
            () => database.DeleteProductAsync(id, cancellationToken), Product, id, ChangeOperation.Delete, product => TellAsync(product, _ => then())) is not null;

    public async Task<bool> UpdateCategoryAsync(long id, CategoryChange change, CancellationToken cancellationToken) =>
        await WriteAsync(
            () => database.UpdateCategoryAsync(id, change, cancellationToken), "category", id, ChangeOperation.Update, TellAllAsync) is not null;

    private async ValueTask TellAsync(Product product, Func<Product, ValueTask> then)
    {
        await cache.InvalidateUpToVersionAsync(WriteThroughStrategy.Key(product.Id), product.Version, CancellationToken.None);
        await then(product);
    }

    private async ValueTask TellAllAsync(ProductList category) =>
        await Task.WhenAll(category.Products.Select(product => TellAsync(product, static _ => default).AsTask()));

    private async Task<T?> WriteAsync<T>(Func<Task<T?>> commit, string resource, long id, ChangeOperation operation, Func<T, ValueTask> then)
        where T : class
    {
        if (await CommitAsync(commit, resource, id, operation) is not { } written)
            return null;

        // From here on, a client that disconnects must not stop the steps after the commit.
        await cache.Invalidator.ChangedAsync(resource, id, operation, cancellationToken: CancellationToken.None);
        TellOthers(resource, id, operation);
        await then(written);
        return written;
    }

    /// <summary>
    /// Commits, and treats an unknown outcome as a change. A write that failed before its commit changed nothing, and invalidates nothing.
    /// </summary>
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

    /// <summary>
    /// Invalidates all versions: the version that may have been committed is unknown, and a late writer of an older one must not succeed.
    /// </summary>
    private async ValueTask ForgetVersionsAsync(string resource, long id) =>
        _ = resource == Product
            ? await cache.InvalidateUpToVersionAsync(WriteThroughStrategy.Key(id), long.MaxValue, CancellationToken.None)
            : await cache.Invalidator.InvalidateEverythingAsync("the outcome of a commit is unknown", CancellationToken.None);

    /// <summary>
    /// Notifies other services without a wait: services without a subscription do not receive the message anyway, and a failure is logged.
    /// </summary>
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
