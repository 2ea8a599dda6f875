using System.Collections.Concurrent;
using Shop.Data;
using Shop.Strategies;
using Unstale;

namespace Shop.Cart;

/// <summary>
/// Second service with its own cache over the same log. The log invalidates this cache; the events let the cart load products it holds before a
/// customer has to wait for them.
/// </summary>
internal sealed class CartService(
    [FromKeyedServices(CartService.CacheName)] UnstaleCache cache, IProductReads products, ProductEvents events, ILogger<CartService> logger)
    : BackgroundService
{
    public const string CacheName = "cart";

    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(600) };

    private readonly ConcurrentDictionary<long, bool> _held = new();
    private long _received;

    public CartStatistics Statistics
    {
        get
        {
            var seen = cache.GetStatistics();
            return new(seen.Name, seen.Entries, seen.Hits, seen.Misses, Interlocked.Read(ref _received));
        }
    }

    public async ValueTask<CacheResult<Product?>> ReadAsync(long id, CancellationToken cancellationToken)
    {
        var read = await products.FindAsync(cache, $"cart:product:{id}", id, Life, cancellationToken);
        if (read.Value is not null)
            _held[id] = true;

        return read;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var received in events.ReadAllAsync(stoppingToken))
        {
            await HandleAsync(received, stoppingToken);
            Interlocked.Increment(ref _received);
        }
    }

    private async Task HandleAsync(ProductEvent received, CancellationToken cancellationToken)
    {
        try
        {
            if (_held.ContainsKey(received.ProductId))
                await ReadAsync(received.ProductId, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.CouldNotFetch(logger, received.ProductId, exception);
        }
    }
}
