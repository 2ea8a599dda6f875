using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Effects of tags that the shop writes by hand, with Dapper alone.</summary>
public abstract class TagTests(PostgresServer? postgres) : ShopTest(postgres)
{
    [Fact]
    public async Task A_write_by_the_production_strategy_invalidates_the_product_and_its_category()
    {
        await GetAsync("/products/production/1");
        await GetAsync("/products/production/2");
        await GetAsync("/products/ttl/3");
        var answer = await PutAsync("/products/production/1", new { price = 7 });
        Assert.Equal("Product updated using production strategy", answer["message"]);
        await ReadsAsync("/products/production/1", 7m, cached: false);
        Assert.False((bool)(await GetAsync("/products/production/2"))["cached"]!);
        Assert.False((bool)(await GetAsync("/products/ttl/3"))["cached"]!);
    }
}
