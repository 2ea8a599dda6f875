using System.Net;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Two processes of the shop and its worker with Entity Framework Core.</summary>
public sealed class ContextClusterTests() : ClusterTest(null, OverEntityFramework.Argument)
{
    [Fact]
    public async Task A_save_on_one_node_is_read_on_the_other_one_and_in_the_worker()
    {
        await using var worker = await StartWorkerAsync();
        await worker.WarmAsync("/cart/products/1");
        await WarmBothAsync();
        for (var price = 1; price <= 3; price++)
        {
            Assert.Equal(HttpStatusCode.OK, (await Here.PutAsync("/products/events/1", new { price })).Status);
            await BothReadWithinAsync(Bound, price);
            await WithinAsync(Bound, $"the price {price} in the worker", async () => await worker.PriceAsync("/cart/products/1") == price);
            SwapNodes();
        }

        await Here.PutAsync("/categories/1", new { name = "Gadgets" });
        await WithinAsync(Bound, "the new name of the category", async () => (await There.GetAsync("/products/ttl/1"))["category_name"] == "Gadgets");
        await Here.DeleteAsync("/products/explicit/1");
        await WithinAsync(Bound, "that the product is gone", async () => (await There.GetAsync("/cart/products/1")).Status == HttpStatusCode.NotFound);
    }
}
