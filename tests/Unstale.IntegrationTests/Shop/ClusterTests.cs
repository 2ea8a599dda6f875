using System.Net;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public sealed class ClusterTests() : ClusterTest(null)
{
    [Fact]
    public async Task A_value_loaded_by_one_node_is_read_from_Redis_by_the_other()
    {
        await Here.WarmAsync("/products/ttl/1");
        await There.HasHealthAsync("healthy", "connected");
        var found = await There.GetAsync("/products/ttl/1");
        Assert.Equal(("remote", "true"), (found.Outcome, found["cached"]));
        await Here.PutAsync("/products/events/1", new { price = 3 });
        Assert.Equal(3m, await Here.PriceAsync("/products/ttl/1"));
    }

    [Fact]
    public async Task Both_nodes_serve_and_write_during_a_Redis_outage_and_agree_afterwards()
    {
        await WarmBothAsync();
        await Redis.StopAsync();
        await Here.PutAsync("/products/events/1", new { price = 7 });
        Assert.All(await PricesAsync(Here), static price => Assert.Equal(7m, price));
        await WithinAsync(Bound + Delivery, "the other node reads the source", async () => (await PricesAsync(There)).TrueForAll(static price => price == 7m));
        await Here.HasHealthAsync("degraded", "unreachable");
        Assert.NotEqual("0", (await Here.GetAsync("/health"))["queued"]);
        await There.PutAsync("/products/writethrough/1", new { price = 8 });
        Assert.All(await PricesAsync(), static price => Assert.Equal(8m, price));

        await Redis.StartAgainAsync();
        await Here.HasHealthAsync("healthy", "connected");
        await There.HasHealthAsync("healthy", "connected");
        await WarmBothAsync();
        Assert.All(await PricesAsync(), static price => Assert.Equal(8m, price));
        await Here.PutAsync("/products/production/1", new { price = 9 });
        await BothReadWithinAsync(Delivery, 9);
        await Eventually.TrueAsync("nothing waits any more", async () => (await Here.GetAsync("/health"))["queued"] == "0");
    }

    [Fact]
    public async Task With_a_wrong_password_the_shop_serves_from_the_database_and_logs_the_reason_once_per_use()
    {
        await using var shop = await ShopNode.StartAsync(Folder, $"redis://shop:secret@{Redis.EndPoint}", Database);
        await shop.HasHealthAsync("degraded", "unreachable");
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/health")).Status);
        await shop.PutAsync("/products/events/2", new { price = 5 });
        Assert.Equal(("load", "5"), ((await shop.GetAsync("/products/ttl/2")).Outcome, (await shop.GetAsync("/products/ttl/2"))["price"]));
        await Eventually.TrueAsync("ten attempts were refused", async () => await Redis.RefusedUsersAsync() >= 10);

        // One line each for the link of the log, the link of the events, and the event that could not be published.
        Assert.InRange(shop.Lines.Count(static line => line.Contains("refused the user 'shop'", StringComparison.Ordinal)), 1, 3);
        Assert.DoesNotContain(shop.Lines, static line => line.Contains("following the log failed", StringComparison.Ordinal));
        Assert.DoesNotContain(shop.Lines, static line => line.Contains("secret", StringComparison.Ordinal));
    }
}
