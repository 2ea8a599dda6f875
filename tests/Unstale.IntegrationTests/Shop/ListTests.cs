using System.Net;
using System.Text.Json.Nodes;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class ListTests(PostgresServer? postgres, string data = "Dapper") : ShopTest(postgres, data)
{
    [Fact]
    public async Task The_shop_opens_with_five_categories_and_eleven_products()
    {
        var ids = new List<int>();
        for (var category = 1; category <= 5; category++)
        {
            ids.AddRange(Ids(await GetAsync($"/products/by-category/{category}")));
        }

        Assert.Equal(Enumerable.Range(1, 11), ids.Order());
        Assert.Equal(new[] { 1, 2, 3 }, Ids(await GetAsync("/products/by-category/1")));
        Assert.Equal(new[] { 1, 4, 7, 11 }, Ids(await GetAsync("/products/featured")));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAnswerAsync("/products/by-category/6")).Status);
    }

    [Theory]
    [InlineData("/products/featured", "products:featured", 120)]
    [InlineData("/products/by-category/1", "products:category:1", 300)]
    public async Task Each_product_of_a_list_contains_whether_it_came_from_the_cache(string path, string key, int seconds)
    {
        Assert.All((await GetAsync(path)).AsArray(), static product => Assert.False((bool)product!["cached"]!));
        Assert.All((await GetAsync(path)).AsArray(), static product => Assert.True((bool)product!["cached"]!));
        Assert.Equal(seconds, (int)(await GetAsync($"/cache/stats/{key}"))["ttl"]!);
    }

    [Fact]
    public async Task A_featured_list_past_its_freshness_is_served_stale_and_refreshed_in_the_background()
    {
        await GetAsync("/products/featured");
        await ChangeBehindTheCacheAsync("UPDATE products SET price_in_cents = 100 WHERE id = 1");
        Advance(89);
        Assert.Equal("memory", (await GetAnswerAsync("/products/featured")).Outcome);
        Advance(2);
        var old = await GetAnswerAsync("/products/featured");
        Assert.Equal(("stale", 999.99m, true), (old.Outcome, (decimal)old.Body![0]!["price"]!, (bool)old.Body[0]!["cached"]!));
        await Eventually.TrueAsync("the refresh behind brings the new price", async () => (decimal)(await GetAsync("/products/featured"))[0]!["price"]! == 1m);
        Assert.Equal("memory", (await GetAnswerAsync("/products/featured")).Outcome);
    }

    [Fact]
    public async Task A_featured_list_past_its_lifetime_is_loaded_again()
    {
        await GetAsync("/products/featured");
        Advance(120);
        Assert.Equal("load", (await GetAnswerAsync("/products/featured")).Outcome);
    }

    [Fact]
    public async Task The_featured_list_is_never_stale_after_a_write_that_invalidates()
    {
        await GetAsync("/products/featured");
        Advance(100);
        await PutAsync("/products/events/1", new { price = 3 });
        var list = await GetAnswerAsync("/products/featured");
        Assert.Equal(("load", 3m), (list.Outcome, (decimal)list.Body![0]!["price"]!));
    }

    [Fact]
    public async Task An_empty_list_is_a_hit_the_second_time()
    {
        await SendAsync(HttpMethod.Delete, "/products/explicit/11");
        var first = await GetAnswerAsync("/products/by-category/5");
        var second = await GetAnswerAsync("/products/by-category/5");
        Assert.Equal(("[]", "load"), (first.Body!.ToJsonString(), first.Outcome));
        Assert.Equal(("[]", "memory"), (second.Body!.ToJsonString(), second.Outcome));
    }

    [Fact]
    public async Task A_category_write_without_a_body_invalidates_the_entries_tagged_with_the_category()
    {
        await GetAsync("/products/by-category/1");
        await GetAsync("/products/by-category/2");
        await GetAsync("/products/ttl/1");
        var answer = await SendAsync(HttpMethod.Put, "/categories/1");
        Assert.Equal((HttpStatusCode.OK, "Category updated, all related products invalidated"), (answer.Status, answer["message"]));
        Assert.Equal("load", (await GetAnswerAsync("/products/by-category/1")).Outcome);
        Assert.Equal("load", (await GetAnswerAsync("/products/ttl/1")).Outcome);
        Assert.Equal("memory", (await GetAnswerAsync("/products/by-category/2")).Outcome);
    }

    private static int[] Ids(JsonNode list) => [.. list.AsArray().Select(static product => (int)product!["id"]!)];
}
