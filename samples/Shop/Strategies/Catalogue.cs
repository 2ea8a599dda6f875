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
/// One write of this process at a time, so that two of them reach the cache in the order of their commits.
/// </remarks>
internal sealed class Catalogue(ShopDatabase database, IInvalidator invalidator, InvalidationPublisher? others = null) : IDisposable
{
    private const string Product = "product";

    private static readonly EntityType ProductType = EntityType.Custom(Product);

    private readonly SemaphoreSlim _oneWriter = new(1, 1);

    public Task<Product?> UpdateAsync(long id, ProductChange change, Func<Product, ValueTask> then, CancellationToken cancellationToken) =>
        WriteAsync(() => database.UpdateProductAsync(id, change, cancellationToken), Product, id, ChangeOperation.Update, then, cancellationToken);

    public Task<bool> DeleteAsync(long id, Func<ValueTask> then, CancellationToken cancellationToken) =>
        WriteAsync(() => database.DeleteProductAsync(id, cancellationToken), Product, id, ChangeOperation.Delete, _ => then(), cancellationToken);

    public Task<bool> UpdateCategoryAsync(long id, CategoryChange change, CancellationToken cancellationToken) =>
        WriteAsync(() => database.UpdateCategoryAsync(id, change, cancellationToken), "category", id, ChangeOperation.Update, null, cancellationToken);

    public void Dispose() => _oneWriter.Dispose();

    private async Task<T?> WriteAsync<T>(
        Func<Task<T?>> commit, string resource, long id, ChangeOperation operation, Func<T, ValueTask>? then, CancellationToken cancellationToken)
    {
        await _oneWriter.WaitAsync(cancellationToken);
        try
        {
            var written = await CommitAsync(commit, resource, id, operation);
            if (EqualityComparer<T>.Default.Equals(written, default))
            {
                return default;
            }

            // From here on a client that hangs up must not stop what follows the commit.
            await invalidator.ChangedAsync(resource, id, operation, cancellationToken: CancellationToken.None);
            TellOthers(resource, id, operation);
            if (then is not null)
            {
                await then(written!);
            }

            return written;
        }
        finally
        {
            _oneWriter.Release();
        }
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
            await invalidator.ChangedAsync(resource, id, operation, cancellationToken: CancellationToken.None);
            TellOthers(resource, id, operation);
            throw;
        }
    }

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
