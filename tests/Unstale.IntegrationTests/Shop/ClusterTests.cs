using System.Net;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Two processes of the shop over one database and one Redis.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly string[] Paths =
    [
        "/products/ttl/1", "/products/explicit/1", "/products/writethrough/1", "/products/events/1", "/products/featured",
        "/products/by-category/1", "/products/production/1", "/cart/products/1",
    ];

    private readonly TemporaryFolder _folder = new();
    private RedisServer _server = null!;
    private ShopNode _here = null!;
    private ShopNode _there = null!;

    public static TheoryData<string> Writes => ["/products/writethrough/1", "/products/events/1", "/products/production/1"];

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        var redis = _server.EndPoint.ToString();
        var nodes = await Task.WhenAll(ShopNode.StartAsync(_folder.Path, redis), ShopNode.StartAsync(_folder.Path, redis));
        (_here, _there) = (nodes[0], nodes[1]);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_on_one_node_is_true_on_the_other_under_every_strategy(string path)
    {
        await WarmBothAsync();
        for (var price = 1; price <= 5; price++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _here.PutAsync(path, new { price })).Status);
            await BothReadWithinAsync(Second, price);
            (_here, _there) = (_there, _here);
        }
    }

    [Fact]
    public async Task A_renamed_category_and_a_deleted_product_are_known_on_the_other_node()
    {
        await WarmBothAsync();
        await _here.PutAsync("/categories/1", new { name = "Gadgets" });
        await WithinAsync(Second, "the new name of the category", async () => (await _there.GetAsync("/products/ttl/1"))["category_name"] == "Gadgets");
        await _here.DeleteAsync("/products/explicit/1");
        await WithinAsync(Second, "that the product is gone", async () => (await _there.GetAsync("/cart/products/1")).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_one_node_has_loaded_the_other_finds_in_Redis()
    {
        await _here.WarmAsync("/products/ttl/1");
        await _there.HasHealthAsync("healthy", "connected");
        var found = await _there.GetAsync("/products/ttl/1");
        Assert.Equal(("remote", "true"), (found.Outcome, found["cached"]));
        await _here.PutAsync("/products/events/1", new { price = 3 });
        Assert.Equal(3m, await _here.PriceAsync("/products/ttl/1"));
    }

    [Fact]
    public async Task Writes_on_both_nodes_at_once_leave_in_the_caches_what_the_database_has()
    {
        await WarmBothAsync();
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(1, 20).Select(i =>
                (i % 2 == 0 ? _here : _there).PutAsync(i % 3 == 0 ? "/products/events/1" : "/products/writethrough/1", new { price = (100 * round) + i })));
            await WithinAsync(Second, "one price everywhere", async () => (await PricesAsync()).Distinct().Count() == 1);
        }
    }

    [Fact]
    public async Task While_Redis_is_away_both_serve_and_write_and_afterwards_they_agree()
    {
        await WarmBothAsync();
        await _server.StopAsync();
        await _here.PutAsync("/products/events/1", new { price = 7 });
        Assert.All(await PricesAsync(_here), static price => Assert.Equal(7m, price));
        await WithinAsync(Bound + Second, "the other node reads the source", async () => (await PricesAsync(_there)).TrueForAll(static price => price == 7m));
        await _here.HasHealthAsync("degraded", "unreachable");
        Assert.NotEqual("0", (await _here.GetAsync("/health"))["queued"]);
        await _there.PutAsync("/products/writethrough/1", new { price = 8 });
        Assert.All(await PricesAsync(), static price => Assert.Equal(8m, price));

        await _server.StartAgainAsync();
        await _here.HasHealthAsync("healthy", "connected");
        await _there.HasHealthAsync("healthy", "connected");
        await WarmBothAsync();
        Assert.All(await PricesAsync(), static price => Assert.Equal(8m, price));
        await _here.PutAsync("/products/production/1", new { price = 9 });
        await BothReadWithinAsync(Second, 9);
        await Eventually.TrueAsync("nothing waits any more", async () => (await _here.GetAsync("/health"))["queued"] == "0");
    }

    [Fact]
    public async Task With_a_wrong_password_the_shop_serves_from_the_database_and_says_why_once()
    {
        await using var shop = await ShopNode.StartAsync(_folder.Path, $"redis://shop:secret@{_server.EndPoint}");
        await shop.HasHealthAsync("degraded", "unreachable");
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/health")).Status);
        await shop.PutAsync("/products/events/2", new { price = 5 });
        Assert.Equal(("fill", "5"), ((await shop.GetAsync("/products/ttl/2")).Outcome, (await shop.GetAsync("/products/ttl/2"))["price"]));
        await Eventually.TrueAsync("three attempts were refused", async () => await _server.RefusedUsersAsync() >= 3);
        Assert.Single(shop.Lines, static line => line.Contains("refused the user 'shop'", StringComparison.Ordinal));
        Assert.DoesNotContain(shop.Lines, static line => line.Contains("following it failed", StringComparison.Ordinal));
        Assert.DoesNotContain(shop.Lines, static line => line.Contains("secret", StringComparison.Ordinal));
    }

    private async Task WarmBothAsync()
    {
        foreach (var path in Paths)
        {
            await _here.WarmAsync(path);
            await _there.WarmAsync(path);
        }
    }

    private async Task BothReadWithinAsync(TimeSpan limit, decimal price)
    {
        Assert.All(await PricesAsync(_here), seen => Assert.Equal(price, seen));
        await WithinAsync(limit, $"the price {price} on the other node", async () => (await PricesAsync(_there)).TrueForAll(seen => seen == price));
    }

    /// <summary>How long after the write it took: a message, or the bound where there is none.</summary>
    private static async Task WithinAsync(TimeSpan limit, string reason, Func<Task<bool>> condition)
    {
        var begin = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(reason, condition);
        var took = TimeProvider.System.GetElapsedTime(begin);
        Assert.True(took < limit, $"{reason}: came after {took.TotalMilliseconds:0} ms, and {limit.TotalMilliseconds:0} ms is the limit");
    }

    private async Task<List<decimal>> PricesAsync() => [.. await PricesAsync(_here), .. await PricesAsync(_there)];

    private static async Task<List<decimal>> PricesAsync(ShopNode node)
    {
        var prices = new List<decimal>();
        foreach (var path in Paths)
            prices.Add(await node.PriceAsync(path));
        return prices;
    }
}
