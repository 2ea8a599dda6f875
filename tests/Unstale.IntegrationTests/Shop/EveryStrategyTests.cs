using System.Net;
using System.Text.Json.Nodes;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class EveryStrategyTests(PostgresServer? postgres, string data = "Dapper") : ShopTest(postgres, data)
{
    private static readonly string[] Products =
        ["/products/ttl/1", "/products/explicit/1", "/products/writethrough/1", "/products/events/1", "/products/production/1", "/cart/products/1"];

    private static readonly string[] Lists = ["/products/featured", "/products/by-category/1"];

    [Theory]
    [InlineData("/products/writethrough/1")]
    [InlineData("/products/events/1")]
    [InlineData("/products/production/1")]
    public async Task A_write_by_one_strategy_is_read_under_every_strategy(string path)
    {
        await WarmAsync();
        await PutAsync(path, new { name = "", description = "", price = 0 });
        Assert.All(await ReadAllAsync(), static product =>
            Assert.Equal(("", "", 0m), ((string)product["name"]!, (string)product["description"]!, (decimal)product["price"]!)));
    }

    [Theory]
    [InlineData("/products/writethrough/1")]
    [InlineData("/products/events/1")]
    [InlineData("/products/production/1")]
    public async Task Fields_that_a_write_omits_are_unchanged(string path)
    {
        await PutTextAsync(path, """{"price":4.20,"name":null}""");
        var product = await GetAsync("/products/ttl/1");
        Assert.Equal(("Laptop", 4.20m), ((string)product["name"]!, (decimal)product["price"]!));
        Assert.NotEqual("", (string)product["description"]!);
    }

    [Fact]
    public async Task A_renamed_category_is_read_under_every_strategy()
    {
        await WarmAsync();
        await PutAsync("/categories/1", new { name = "Gadgets" });
        Assert.All(await ReadAllAsync(), static product => Assert.Equal("Gadgets", (string)product["category_name"]!));
    }

    [Fact]
    public async Task A_deleted_product_is_missing_from_the_answers_of_every_strategy()
    {
        await WarmAsync();
        await SendAsync(HttpMethod.Delete, "/products/explicit/1");
        foreach (var path in Products)
            Assert.Equal(HttpStatusCode.NotFound, (await GetAnswerAsync(path)).Status);

        foreach (var path in Lists)
            Assert.DoesNotContain((await GetAsync(path)).AsArray(), static product => (int)product!["id"]! == 1);
    }

    [Fact]
    public async Task A_missing_product_is_found_after_its_row_was_inserted_into_the_database()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await GetAnswerAsync("/products/explicit/12")).Status);
        await ChangeBehindTheCacheAsync(
            "INSERT INTO products (id, name, description, price_in_cents, category_id, featured) VALUES (12, 'Ball', '', 900, 5, false)");
        await ReadsAsync("/products/explicit/12", 9m, cached: false);
    }

    [Fact]
    public async Task Every_write_raises_the_version_in_the_database()
    {
        await PutAsync("/products/writethrough/1", new { price = 1 });
        await PutAsync("/products/events/1", new { });
        await PutAsync("/categories/1", new { name = "Gadgets" });
        Assert.Equal((3, 2), (await VersionAsync("products"), await VersionAsync("categories")));
    }

    private async Task<int> VersionAsync(string table) =>
        await QueryAsync<int>($"SELECT version FROM {table} WHERE id = 1");

    private async Task WarmAsync()
    {
        await ReadAllAsync();
        foreach (var path in Products.Concat(Lists))
            Assert.Equal("memory", (await GetAnswerAsync(path)).Outcome);
    }

    private async Task<List<JsonNode>> ReadAllAsync()
    {
        var seen = new List<JsonNode>();
        foreach (var path in Products)
            seen.Add(await GetAsync(path));

        foreach (var path in Lists)
            seen.Add((await GetAsync(path))[0]!);

        return seen;
    }
}
