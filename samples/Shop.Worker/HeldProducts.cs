using System.Collections.Concurrent;
using Shop.Data;
using Shop.Strategies;
using Unstale;

namespace Shop.Worker;

/// <summary>Products held by the worker. The log invalidates them, whether or not an event is received.</summary>
internal sealed class HeldProducts(UnstaleCache cache, IProductReads products)
{
    public const string CacheName = "worker";

    private static readonly UnstaleEntryOptions Life = new() { Expiration = TimeSpan.FromSeconds(600) };

    private readonly ConcurrentDictionary<long, bool> _held = new();

    public async ValueTask<CacheResult<Product?>> ReadAsync(long id, CancellationToken cancellationToken)
    {
        var read = await products.FindAsync(cache, $"cart:product:{id}", id, Life, cancellationToken);
        if (read.Value is not null)
        {
            _held[id] = true;
        }
        else
        {
            _held.TryRemove(id, out _);
        }

        return read;
    }

    /// <summary>Reads the product if it is held, so that the next customer need not wait for it. Returns whether it is held.</summary>
    public async ValueTask<bool> FetchAheadAsync(long id, CancellationToken cancellationToken) =>
        _held.ContainsKey(id) && (await ReadAsync(id, cancellationToken)).Value is not null;
}
