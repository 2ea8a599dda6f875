using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class ClusterOrderTests(PostgresServer? postgres) : ClusterTest(postgres)
{
    [Fact]
    public async Task An_order_on_one_node_is_in_the_lists_of_both_nodes_until_the_order_is_cancelled()
    {
        for (var orders = 1; orders <= 4; orders++)
        {
            await WarmListsAsync();
            var made = await Here.PostAsync("/orders", new { product_id = 4, quantity = orders, customer = "Ann" });
            Assert.Equal(HttpStatusCode.Created, made.Status);
            await BothListAsync(orders);
            await WithinAsync(Delivery, "the order on the other node", async () => (await There.GetAsync($"/orders/{made["id"]}"))["quantity"] == $"{orders}");
            SwapNodes();
        }

        await WarmListsAsync();
        Assert.Equal(HttpStatusCode.OK, (await Here.DeleteAsync("/orders/2")).Status);
        await BothListAsync(3);
        await WithinAsync(Delivery, "that the order is gone", async () => (await There.GetAsync("/orders/2")).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_failed_order_invalidates_nothing_on_either_node()
    {
        await WarmListsAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await Here.PostAsync("/orders", new { product_id = 99, quantity = 1, customer = "Ann" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Here.DeleteAsync("/orders/9")).Status);

        // A later record of the log has arrived, so no record of the orders is on the way.
        await There.WarmAsync("/products/ttl/1");
        await Here.PutAsync("/products/events/1", new { price = 5 });
        await WithinAsync(Delivery, "the new price on the other node", async () => await There.PriceAsync("/products/ttl/1") == 5);
        Assert.Equal("memory", (await Here.GetAsync("/orders")).Outcome);
        Assert.Equal("memory", (await There.GetAsync("/orders")).Outcome);
    }

    private async Task WarmListsAsync()
    {
        foreach (var node in new[] { Here, There })
        {
            await node.WarmAsync("/orders");
            await node.WarmAsync("/orders?customer=Ann");
        }
    }

    /// <summary>Asserts the number of orders on the node of the write at once, and on the other one soon.</summary>
    private async Task BothListAsync(int orders)
    {
        Assert.Equal((orders, orders), await CountAsync(Here));
        await WithinAsync(Delivery, $"{orders} orders on the other node", async () => await CountAsync(There) == (orders, orders));
    }

    private static async Task<(int All, int Anns)> CountAsync(ShopNode node) =>
        ((await node.GetAsync("/orders")).Body!.AsArray().Count, (await node.GetAsync("/orders?customer=Ann")).Body!.AsArray().Count);
}
