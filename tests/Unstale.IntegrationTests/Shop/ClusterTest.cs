using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Base of tests with two processes of the shop over one Redis and one database, a SQLite file or a database of the server.</summary>
public abstract class ClusterTest(PostgresServer? postgres, params string[] arguments) : IAsyncLifetime
{
    protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>Limit for the delivery of a message on a busy machine. Below the bound, at which a node without messages reads the source.</summary>
    internal static readonly TimeSpan Delivery = TimeSpan.FromSeconds(4);

    private static readonly string[] Paths =
    [
        "/products/ttl/1", "/products/explicit/1", "/products/writethrough/1", "/products/events/1", "/products/featured",
        "/products/by-category/1", "/products/production/1", "/cart/products/1",
    ];

    private readonly TemporaryFolder _folder = new();

    private protected RedisServer Redis { get; private set; } = null!;

    private protected ShopNode Here { get; set; } = null!;

    private protected ShopNode There { get; private set; } = null!;

    protected string Folder => _folder.Path;

    protected string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Redis = await StartRedisAsync();
        Database = postgres is null ? $"Data Source={_folder.File("shop.db")}" : await postgres.CreateDatabaseAsync();
        var nodes = await Task.WhenAll(StartNodeAsync(), StartNodeAsync());
        (Here, There) = (nodes[0], nodes[1]);
    }

    public async ValueTask DisposeAsync()
    {
        await Here.DisposeAsync();
        await There.DisposeAsync();
        await Redis.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<RedisServer> StartRedisAsync() => RedisServer.StartAsync();

    private protected Task<ShopNode> StartNodeAsync(Uri? address = null) => ShopNode.StartAsync(Folder, Redis.EndPoint.ToString(), Database, address, arguments);

    private protected Task<ShopNode> StartWorkerAsync(Uri? address = null) => ShopNode.StartWorkerAsync(Folder, Redis.EndPoint.ToString(), Database, address, arguments);

    /// <summary>Swaps the nodes: the next write is sent to the other one.</summary>
    protected void SwapNodes() => (Here, There) = (There, Here);

    protected async Task WarmBothAsync()
    {
        foreach (var path in Paths)
        {
            await Here.WarmAsync(path);
            await There.WarmAsync(path);
        }
    }

    protected async Task BothReadWithinAsync(TimeSpan limit, decimal price)
    {
        Assert.All(await PricesAsync(Here), seen => Assert.Equal(price, seen));
        await WithinAsync(limit, $"the price {price} on the other node", async () => (await PricesAsync(There)).TrueForAll(seen => seen == price));
    }

    /// <summary>Asserts that a condition holds within a limit: the time of a message, or the bound if there is none.</summary>
    protected static async Task WithinAsync(TimeSpan limit, string reason, Func<Task<bool>> condition)
    {
        var begin = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(reason, condition);
        var took = TimeProvider.System.GetElapsedTime(begin);
        Assert.True(took < limit, $"{reason}: came after {took.TotalMilliseconds:0} ms, and {limit.TotalMilliseconds:0} ms is the limit");
    }

    protected async Task<List<decimal>> PricesAsync() => [.. await PricesAsync(Here), .. await PricesAsync(There)];

    private protected static async Task<List<decimal>> PricesAsync(ShopNode node)
    {
        var prices = new List<decimal>();
        foreach (var path in Paths)
            prices.Add(await node.PriceAsync(path));
        return prices;
    }
}
