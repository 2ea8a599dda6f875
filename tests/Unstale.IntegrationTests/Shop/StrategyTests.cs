using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class StrategyTests(PostgresServer? postgres, string data = "Dapper") : ShopTest(postgres, data)
{
    private const decimal LaptopPrice = 999.99m;

    [Fact]
    public async Task A_product_has_the_documented_fields()
    {
        var product = (await GetAsync("/products/ttl/1")).AsObject();
        Assert.Equal(
            ["id", "name", "description", "price", "category_id", "category_name", "featured", "cached"],
            product.Select(static field => field.Key));
        Assert.Equal("""{"id":1,"name":"Laptop","price":999.99,"category_id":1,"category_name":"Electronics","featured":true,"cached":false}""",
            Without(product, "description"));
    }

    [Theory]
    [InlineData("ttl", 60)]
    [InlineData("explicit", 3600)]
    [InlineData("writethrough", 300)]
    [InlineData("events", 600)]
    [InlineData("production", 300)]
    public async Task A_product_is_cached_exactly_for_the_lifetime_of_its_strategy(string strategy, int seconds)
    {
        var path = $"/products/{strategy}/1";
        await ReadsAsync(path, LaptopPrice, cached: false);
        await ChangeBehindTheCacheAsync("UPDATE products SET price_in_cents = 100 WHERE id = 1");
        var stats = await GetAsync($"/cache/stats/product:{strategy}:1");
        Assert.Equal($$"""{"exists":true,"ttl":{{seconds}},"expires_in":"{{seconds}} seconds"}""", stats.ToJsonString());

        Advance(seconds - 1);
        await ReadsAsync(path, LaptopPrice, cached: true);
        Advance(1);
        Assert.Equal("""{"exists":false}""", (await GetAsync($"/cache/stats/product:{strategy}:1")).ToJsonString());
        await ReadsAsync(path, 1m, cached: false);
    }

    [Fact]
    public async Task The_explicit_strategy_deletes_the_product_and_invalidates_its_key()
    {
        await GetAsync("/products/explicit/3");
        var answer = await SendAsync(HttpMethod.Delete, "/products/explicit/3");
        Assert.Equal((HttpStatusCode.OK, "Product deleted and cache invalidated"), (answer.Status, answer["message"]));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAnswerAsync("/products/explicit/3")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, "/products/explicit/3")).Status);
    }

    [Fact]
    public async Task Write_through_returns_the_product_and_its_next_read_is_a_hit()
    {
        await GetAsync("/products/writethrough/1");
        var answer = await PutAsync("/products/writethrough/1", new { price = 12.5m });
        Assert.Equal((HttpStatusCode.OK, "Laptop", "12.5"), (answer.Status, answer["name"], answer["price"]));
        await ReadsAsync("/products/writethrough/1", 12.5m, cached: true);
        Assert.Equal(300, (int)(await GetAsync("/cache/stats/product:writethrough:1"))["ttl"]!);
    }

    [Fact]
    public async Task A_value_written_through_is_invalidated_like_any_other()
    {
        await PutAsync("/products/writethrough/1", new { price = 1 });
        await PutAsync("/products/events/1", new { price = 2 });
        await ReadsAsync("/products/writethrough/1", 2m, cached: false);
        await PutAsync("/products/writethrough/1", new { price = 3 });
        await PutAsync("/categories/1", new { name = "Gadgets" });
        Assert.Equal("Gadgets", (string?)(await GetAsync("/products/writethrough/1"))["category_name"]);
    }

    [Fact]
    public async Task Concurrent_writes_leave_the_value_of_the_database_in_the_cache()
    {
        await Task.WhenAll(Enumerable.Range(1, 20).Select(price =>
            PutAsync(price % 2 == 0 ? "/products/writethrough/1" : "/products/events/1", new { price })));
        var fromDatabase = await GetAsync("/products/ttl/1");
        var fromCache = await GetAsync("/products/writethrough/1");
        Assert.Equal((decimal)fromDatabase["price"]!, (decimal)fromCache["price"]!);
    }

    [Fact]
    public async Task The_event_of_a_write_reaches_the_cart_and_the_cart_serves_the_new_price()
    {
        await ReadsAsync("/cart/products/1", LaptopPrice, cached: false);
        await ReadsAsync("/cart/products/1", LaptopPrice, cached: true);
        var answer = await PutAsync("/products/events/1", new { price = 5 });
        Assert.Equal("Product updated and event published", answer["message"]);
        Assert.Equal(5m, (decimal)(await GetAsync("/cart/products/1"))["price"]!);
        await Eventually.TrueAsync("the cart hears the event", async () => (int)(await GetAsync("/cart/cache/stats"))["events_received"]! == 1);
        await ReadsAsync("/cart/products/1", 5m, cached: true);
    }

    [Fact]
    public async Task A_cart_that_received_a_change_loads_the_product_before_the_next_read()
    {
        await GetAsync("/cart/products/4");
        await PutAsync("/products/production/4", new { price = 6 });
        await Eventually.TrueAsync("the cart hears the event", async () => (int)(await GetAsync("/cart/cache/stats"))["events_received"]! == 1);
        await ReadsAsync("/cart/products/4", 6m, cached: true);
    }

    private static string Without(System.Text.Json.Nodes.JsonObject product, string field)
    {
        product.Remove(field);
        return product.ToJsonString();
    }
}
