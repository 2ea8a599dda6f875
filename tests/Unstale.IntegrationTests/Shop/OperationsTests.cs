using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class OperationsTests(PostgresServer? postgres) : ShopTest(postgres)
{
    [Fact]
    public async Task Health_tells_of_the_database_and_of_Redis()
    {
        var answer = await GetAnswerAsync("/health");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("""{"status":"healthy","database":"connected","redis":"not configured"}""", answer.Body!.ToJsonString());
    }

    [Fact]
    public async Task Without_its_database_the_shop_is_unhealthy_until_it_holds_something_to_serve()
    {
        Source.IsDown = true;
        var empty = await GetAnswerAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, empty.Status);
        Assert.Equal("""{"status":"unhealthy","database":"unreachable","redis":"not configured"}""", empty.Body!.ToJsonString());

        Source.IsDown = false;
        await GetAsync("/products/ttl/1");
        Source.IsDown = true;
        var warm = await GetAnswerAsync("/health");
        Assert.Equal((HttpStatusCode.OK, "degraded"), (warm.Status, warm["status"]));
        await ReadsAsync("/products/ttl/1", 999.99m, cached: true);
    }

    [Fact]
    public async Task Stats_tell_what_is_left_of_a_key()
    {
        Assert.Equal("""{"exists":false}""", (await GetAsync("/cache/stats/product:ttl:1")).ToJsonString());
        await GetAsync("/products/ttl/1");
        Advance(15);
        Assert.Equal("""{"exists":true,"ttl":45,"expires_in":"45 seconds"}""", (await GetAsync("/cache/stats/product:ttl:1")).ToJsonString());
        await PutAsync("/products/events/1", new { price = 1 });
        Assert.Equal("""{"exists":false}""", (await GetAsync("/cache/stats/product:ttl:1")).ToJsonString());
    }

    [Fact]
    public async Task Stats_show_a_list_that_is_past_its_freshness_as_there()
    {
        await GetAsync("/products/featured");
        Advance(100);
        Assert.Equal(20, (int)(await GetAsync("/cache/stats/products:featured"))["ttl"]!);
    }

    [Fact]
    public async Task The_cart_counts_its_own_reads()
    {
        await GetAsync("/cart/products/1");
        await GetAsync("/cart/products/1");
        await GetAsync("/products/ttl/1");
        Assert.Equal("""{"cache":"cart","entries":1,"hits":1,"misses":1,"events_heard":0}""", (await GetAsync("/cart/cache/stats")).ToJsonString());
    }

    [Fact]
    public async Task The_OpenAPI_document_describes_every_endpoint()
    {
        var paths = (await GetAsync("/openapi/v1.json"))["paths"]!.AsObject();
        var operations = paths.SelectMany(static path => path.Value!.AsObject().Select(operation => $"{operation.Key} {path.Key}"));
        Assert.Equal(
            [
                "delete /products/explicit/{id}", "get /cache/stats/{key}", "get /cart/cache/stats", "get /cart/products/{id}", "get /health",
                "get /products/by-category/{id}", "get /products/events/{id}", "get /products/explicit/{id}", "get /products/featured",
                "get /products/production/{id}", "get /products/ttl/{id}", "get /products/writethrough/{id}", "put /categories/{id}",
                "put /products/events/{id}", "put /products/production/{id}", "put /products/writethrough/{id}",
            ],
            operations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_OpenAPI_document_names_fields_as_they_are_sent()
    {
        var schemas = (await GetAsync("/openapi/v1.json"))["components"]!["schemas"]!;
        Assert.Contains("category_name", schemas["ProductAnswer"]!["properties"]!.AsObject().Select(static field => field.Key));
        Assert.Equal(["name", "description", "price"], schemas["ProductChange"]!["properties"]!.AsObject().Select(static field => field.Key));
    }

    [Fact]
    public async Task The_page_offers_every_strategy_and_loads_nothing_from_elsewhere()
    {
        using var response = await Client.GetAsync(new Uri("/", UriKind.Relative), Cancel);
        var page = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.All(
            ["/products/ttl/", "/products/explicit/", "/products/writethrough/", "/products/events/", "/products/featured", "/products/by-category/", "/products/production/"],
            path => Assert.Contains(path, page, StringComparison.Ordinal));
        Assert.DoesNotContain("//", page.Replace("<!doctype html>", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
