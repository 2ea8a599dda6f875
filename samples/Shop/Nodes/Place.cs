using Shop.Data;
using Shop.Strategies;
using Unstale;

namespace Shop.Nodes;

/// <summary>Cache of a node from which a product is read, with the strategy under which the cache holds the product.</summary>
/// <param name="Cache">Name of the cache or of the strategy.</param>
/// <param name="Node">Node of the cache.</param>
/// <param name="Read">Function that reads the product with the given number and category.</param>
/// <param name="ReportStale">Function that reports a stale answer to Unstale; null for a cache without Unstale.</param>
internal sealed record Place(
    string Cache, ShopNode Node, Func<long, long, CancellationToken, ValueTask<Shown>> Read, Action<long, long>? ReportStale = null)
{
    private const string Unstale = "Unstale";
    private const string Plain = "HybridCache";

    private static readonly UnstaleEntryOptions Life = new() { Expiration = NodeServices.Lifetime };

    /// <summary>Returns the place of the value that the nodes hold under Unstale. Lifetime and tag are those of the plain cache.</summary>
    public static Place WithUnstale(ShopNode node, ProductReader products) =>
        ForKey(Unstale, node, static (id, _) => $"node:product:{id}", async (cache, id, _, cancel) =>
        {
            var read = await products.ReadAsync(cache, $"node:product:{id}", id, Life, cancel);
            return (read.Value, read.Outcome);
        });

    public static Place WithoutUnstale(ShopNode node, TimeProvider time) => new(Plain, node, async (id, _, cancel) =>
    {
        var (value, isLoaded) = await node.Plain.ReadAsync(id, cancel);
        var age = time.GetElapsedTime(value.LoadedAt);
        return new(value.Product, isLoaded ? "load" : "memory", age, NodeServices.Lifetime - age);
    });

    /// <summary>Returns the places of the seven strategies on a node.</summary>
    public static IEnumerable<Place> OfStrategies(ShopNode node, ProductReader products, ShopDatabase database) =>
    [
        ForProduct("TTL", node, products, TtlStrategy.Key, TtlStrategy.ReadAsync),
        ForProduct("Explicit", node, products, ExplicitStrategy.Key, ExplicitStrategy.ReadAsync),
        ForProduct("Write-through", node, products, WriteThroughStrategy.Key, WriteThroughStrategy.ReadAsync),
        ForProduct("Events", node, products, EventsStrategy.Key, EventsStrategy.ReadAsync),
        ForKey("Stale while revalidate", node, static (_, _) => StaleWhileRevalidateStrategy.Key, async (cache, id, _, cancel) =>
            Find(id, await StaleWhileRevalidateStrategy.ReadAsync(cache, database, cancel))),
        ForKey("Tags", node, static (_, category) => TagsStrategy.Key(category), async (cache, id, category, cancel) =>
            Find(id, await TagsStrategy.ReadAsync(cache, database, category, cancel))),
        ForProduct("Production", node, products, ProductionStrategy.Key, ProductionStrategy.ReadAsync),
    ];

    private static Place ForProduct(
        string strategy,
        ShopNode node,
        ProductReader products,
        Func<long, string> key,
        Func<UnstaleCache, ProductReader, long, CancellationToken, ValueTask<CacheResult<Product?>>> read) =>
        ForKey(strategy, node, (id, _) => key(id), async (cache, id, _, cancel) =>
        {
            var result = await read(cache, products, id, cancel);
            return (result.Value, result.Outcome);
        });

    private static Place ForKey(
        string name,
        ShopNode node,
        Func<long, long, string> key,
        Func<UnstaleCache, long, long, CancellationToken, ValueTask<(Product?, CacheOutcome)>> read) =>
        new(
            name,
            node,
            async (id, category, cancel) =>
            {
                var (product, outcome) = await read(node.Cache, id, category, cancel);
                var entry = node.Cache.Explain(key(id, category), records: 0);
                return new(product, outcome.ToString().ToLowerInvariant(), entry.Age, entry.ExpiresIn);
            },
            (id, category) => node.Cache.ReportStale(key(id, category)));

    /// <summary>Finds the product in a list. A list without the product shows nothing of it.</summary>
    private static (Product? Product, CacheOutcome Outcome) Find(long id, CacheResult<ProductList?> list) =>
        (list.Value?.Products.FirstOrDefault(product => product.Id == id), list.Outcome);
}
