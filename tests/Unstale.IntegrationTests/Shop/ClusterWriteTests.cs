using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class ClusterWriteTests(PostgresServer? postgres) : ClusterTest(postgres)
{
    public static TheoryData<string> Writes => ["/products/writethrough/1", "/products/events/1", "/products/production/1"];

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_on_one_node_is_visible_on_both_nodes_within_a_second_under_every_strategy(string path)
    {
        await WarmBothAsync();
        for (var price = 1; price <= 5; price++)
        {
            Assert.Equal(HttpStatusCode.OK, (await Here.PutAsync(path, new { price })).Status);
            await BothReadWithinAsync(Delivery, price);
            SwapNodes();
        }
    }

    [Fact]
    public async Task A_renamed_category_and_a_deleted_product_are_visible_on_the_other_node()
    {
        await WarmBothAsync();
        await Here.PutAsync("/categories/1", new { name = "Gadgets" });
        await WithinAsync(Delivery, "the new name of the category", async () => (await There.GetAsync("/products/ttl/1"))["category_name"] == "Gadgets");
        await Here.DeleteAsync("/products/explicit/1");
        await WithinAsync(Delivery, "that the product is gone", async () => (await There.GetAsync("/cart/products/1")).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Concurrent_writes_on_both_nodes_leave_the_values_of_the_database_in_the_caches()
    {
        await WarmBothAsync();
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(1, 20).Select(i =>
                (i % 2 == 0 ? Here : There).PutAsync(i % 3 == 0 ? "/products/events/1" : "/products/writethrough/1", new { price = (100 * round) + i })));
            await WithinAsync(Delivery, "one price everywhere", async () => (await PricesAsync()).Distinct().Count() == 1);
        }
    }
}
