using Shop.Data;
using Shop.Strategies;
using Unstale;

namespace Shop.Nodes;

/// <summary>Cache of a node from which a product is read, with the strategy under which the cache holds the product.</summary>
/// <param name="Cache">Name of the cache or of the strategy.</param>
/// <param name="Node">Node of the cache.</param>
/// <param name="Read">Function that reads the product with the given number and category, and loads it if necessary.</param>
internal sealed record Place(string Cache, ShopNode Node, Func<long, long, CancellationToken, ValueTask<Shown>> Read)
{
    private static readonly UnstaleEntryOptions Life = new() { Expiration = NodeServices.Lifetime };

    /// <summary>Function that looks a product up in memory, as a read would find it, and loads nothing. Null: the place is always read.</summary>
    public Func<long, long, Shown>? Peek { get; init; }

    /// <summary>Function that reports a stale answer to Unstale; null for a cache without Unstale.</summary>
    public Action<long, long>? ReportStale { get; init; }

    /// <summary>Returns the place of the value that a node holds under Unstale. Lifetime and tag are those of the plain cache.</summary>
    public static Place WithUnstale(ShopNode node, IProductReads products) =>
        Of<Product>(
            "Unstale",
            node,
            static (id, _) => Key(id),
            (cache, id, _, cancel) => products.FindAsync(cache, Key(id), id, Life, cancel),
            static (product, _) => product) with { Peek = null };

    /// <summary>Returns the place of the value that a node holds in its plain HybridCache.</summary>
    public static Place WithoutUnstale(ShopNode node, TimeProvider time) => new("HybridCache", node, async (id, _, cancel) =>
    {
        var (value, isLoaded) = await node.Plain.ReadAsync(id, cancel);
        var age = time.GetElapsedTime(value.LoadedAt);
        return new(value.Product, isLoaded ? "load" : "memory", age, NodeServices.Lifetime - age);
    });

    /// <summary>Returns the places of the seven strategies on a node.</summary>
    public static IEnumerable<Place> OfStrategies(ShopNode node, IProductReads products)
    {
        return
        [
            ForProduct("TTL", TtlStrategy.Key, TtlStrategy.ReadAsync),
            ForProduct("Explicit", ExplicitStrategy.Key, ExplicitStrategy.ReadAsync),
            ForProduct("Write-through", WriteThroughStrategy.Key, WriteThroughStrategy.ReadAsync),
            ForProduct("Events", EventsStrategy.Key, EventsStrategy.ReadAsync),
            Of<ProductList>(
                "Stale while revalidate",
                node,
                static (_, _) => StaleWhileRevalidateStrategy.Key,
                (cache, _, _, cancel) => StaleWhileRevalidateStrategy.ReadAsync(cache, products, cancel),
                Find),
            Of<ProductList>(
                "Tags",
                node,
                static (_, category) => TagsStrategy.Key(category),
                (cache, _, category, cancel) => TagsStrategy.ReadAsync(cache, products, category, cancel),
                Find),
            ForProduct("Production", ProductionStrategy.Key, ProductionStrategy.ReadAsync),
        ];

        Place ForProduct(
            string strategy,
            Func<long, string> key,
            Func<UnstaleCache, IProductReads, long, CancellationToken, ValueTask<CacheResult<Product?>>> read) =>
            Of<Product>(strategy, node, (id, _) => key(id), (cache, id, _, cancel) => read(cache, products, id, cancel), static (product, _) => product);
    }

    private static Place Of<T>(
        string name,
        ShopNode node,
        Func<long, long, string> key,
        Func<UnstaleCache, long, long, CancellationToken, ValueTask<CacheResult<T?>>> read,
        Func<T, long, Product?> find)
        where T : class
    {
        return new(name, node, async (id, category, cancel) => Describe(id, category, await read(node.Cache, id, category, cancel)))
        {
            Peek = (id, category) => node.Cache.TryGet(key(id, category), out T? held)
                ? Describe(id, category, new(held, CacheOutcome.Memory))
                : new(null, Shown.Nothing, null, null),
            ReportStale = (id, category) => node.Cache.ReportStale(key(id, category)),
        };

        Shown Describe(long id, long category, CacheResult<T?> read)
        {
            var entry = node.Cache.Explain(key(id, category), records: 0);
            var product = read.Value is null ? null : find(read.Value, id);
            return new(product, read.Outcome.ToString().ToLowerInvariant(), entry.Age, entry.ExpiresIn);
        }
    }

    private static string Key(long id) => $"node:product:{id}";

    /// <summary>Finds the product in a list. A list without the product shows nothing of it.</summary>
    private static Product? Find(ProductList list, long id) => list.Products.FirstOrDefault(product => product.Id == id);
}
