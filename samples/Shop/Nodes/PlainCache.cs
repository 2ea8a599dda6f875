using Microsoft.Extensions.Caching.Hybrid;
using Shop.Data;

namespace Shop.Nodes;

/// <summary>
/// HybridCache of Microsoft.Extensions.Caching.Hybrid, as a node without Unstale has it. The container is its own, because all caches of one container
/// share one memory. An invalidation reaches this cache alone: HybridCache sends none to other nodes.
/// </summary>
internal sealed class PlainCache(ShopDatabase database, TimeProvider time) : IAsyncDisposable
{
    private static readonly HybridCacheEntryOptions Life = new() { Expiration = NodeServices.Lifetime, LocalCacheExpiration = NodeServices.Lifetime };

    private readonly ServiceProvider _services = new ServiceCollection().AddSingleton(time).AddHybridCache().Services.BuildServiceProvider();

    private HybridCache Cache => _services.GetRequiredService<HybridCache>();

    /// <summary>Reads a product. Returns whether this call has loaded the product.</summary>
    public async ValueTask<(PlainValue Value, bool IsLoaded)> ReadAsync(long id, CancellationToken cancellationToken)
    {
        var isLoaded = false;
        var value = await Cache.GetOrCreateAsync($"product:{id}", LoadAsync, Life, [Tag(id)], cancellationToken);
        return (value, isLoaded);

        async ValueTask<PlainValue> LoadAsync(CancellationToken cancel)
        {
            isLoaded = true;
            return new(await database.FindProductAsync(id, cancel), time.GetTimestamp());
        }
    }

    /// <summary>Invalidates a product as a user of HybridCache does, on the node that has written the product.</summary>
    public ValueTask InvalidateAsync(long id, CancellationToken cancellationToken) => Cache.RemoveByTagAsync(Tag(id), cancellationToken);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static string Tag(long id) => $"product:{id}";
}
