using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class OperationsTests(PostgresServer? postgres) : ShopTest(postgres)
{
    [Fact]
    public async Task The_health_answer_contains_database_Redis_and_log()
    {
        var answer = await GetAnswerAsync("/health");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var generation = PositionIn(answer).Generation;
        Assert.Equal(
            $$"""{"status":"healthy","database":"connected","redis":"not configured","horizon":{"trusted":true,"position":"0-{{generation}}-0","confirmed_ms_ago":0},"queued":0}""",
            answer.Body!.ToJsonString());
    }

    [Fact]
    public async Task Health_shows_the_position_after_each_write_as_applied()
    {
        var before = PositionIn(await GetAnswerAsync("/health"));
        await PutAsync("/products/events/1", new { price = 1 });
        Assert.True(PositionIn(await GetAnswerAsync("/health")).TryCompare(before, out var order));
        Assert.True(order > 0);
    }

    [Theory]
    [InlineData("/products/ttl/1")]
    [InlineData("/cart/products/1")]
    public async Task Without_its_database_the_shop_is_unhealthy_until_the_cache_holds_an_entry(string path)
    {
        Source.IsDown = true;
        var empty = await GetAnswerAsync("/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unhealthy", "unreachable"), (empty.Status, empty["status"], empty["database"]));
        Assert.DoesNotContain(FaultySource.Secret, empty.Body!.ToJsonString(), StringComparison.Ordinal);

        Source.IsDown = false;
        Assert.Equal(HttpStatusCode.OK, (await GetAnswerAsync("/health")).Status);
        await GetAsync(path);
        Source.IsDown = true;
        var warm = await GetAnswerAsync("/health");
        Assert.Equal((HttpStatusCode.OK, "degraded", "unreachable"), (warm.Status, warm["status"], warm["database"]));
        await ReadsAsync(path, 999.99m, cached: true);
    }

    [Fact]
    public async Task Without_its_source_the_shop_is_unhealthy_once_its_values_are_invalidated()
    {
        await GetAsync("/products/ttl/1");
        await PutAsync("/products/events/1", new { price = 1 });
        Source.IsDown = true;
        Advance(1);
        var health = await GetAnswerAsync("/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unhealthy"), (health.Status, health["status"]));
    }

    [Fact]
    public async Task The_statistics_of_a_key_contain_its_remaining_lifetime()
    {
        Assert.Equal("""{"exists":false}""", (await GetAsync("/cache/stats/product:ttl:1")).ToJsonString());
        await GetAsync("/products/ttl/1");
        Advance(15);
        Assert.Equal("""{"exists":true,"ttl":45,"expires_in":"45 seconds"}""", (await GetAsync("/cache/stats/product:ttl:1")).ToJsonString());
        await PutAsync("/products/events/1", new { price = 1 });
        Assert.Equal("""{"exists":false}""", (await GetAsync("/cache/stats/product:ttl:1")).ToJsonString());
    }

    [Fact]
    public async Task The_statistics_of_a_list_past_its_freshness_contain_its_remaining_lifetime()
    {
        await GetAsync("/products/featured");
        Advance(100);
        Assert.Equal(20, (int)(await GetAsync("/cache/stats/products:featured"))["ttl"]!);
    }

    [Fact]
    public async Task The_explanation_of_a_key_names_the_invalidation_and_its_rule()
    {
        const string Path = "/cache/explain/product:production:2";
        Assert.Equal(("absent", "'product:production:2' is not cached: no removed value is recorded."), await ExplainedAsync());
        await GetAsync("/products/production/2");
        Assert.Equal(("live", "'product:production:2' is live; it was stored 0.0 s ago and expires in 300.0 s."), await ExplainedAsync());
        await PutAsync("/products/production/1", new { price = 1 });
        var gone = await GetAsync(Path);
        Assert.Equal(("tag 'all_products' (rule 'production')", "Update production 1"), ((string?)gone["taken_by"]!["what"], (string?)gone["taken_by"]!["reason"]));
        Assert.Equal(["product:2", "all_products", "category:1"], gone["tags"]!.AsArray().Select(static tag => (string?)tag));
        Assert.Single(gone["recent"]!.AsArray());

        async Task<(string?, string?)> ExplainedAsync()
        {
            var answer = await GetAsync(Path);
            return ((string?)answer["state"], (string?)answer["explanation"]);
        }
    }

    [Fact]
    public async Task The_cart_counts_its_own_reads()
    {
        await GetAsync("/cart/products/1");
        await GetAsync("/cart/products/1");
        await GetAsync("/products/ttl/1");
        Assert.Equal("""{"cache":"cart","entries":1,"hits":1,"misses":1,"events_received":0}""", (await GetAsync("/cart/cache/stats")).ToJsonString());
    }

    [Fact]
    public async Task The_OpenAPI_document_describes_every_endpoint()
    {
        var paths = (await GetAsync("/openapi/v1.json"))["paths"]!.AsObject();
        var operations = paths.SelectMany(static path => path.Value!.AsObject().Select(operation => $"{operation.Key} {path.Key}"));
        Assert.Equal(
            [
                "delete /nodes/answers", "delete /orders/{id}", "delete /products/explicit/{id}", "get /cache/explain/{key}", "get /cache/stats/{key}", "get /cart/cache/stats", "get /cart/products/{id}", "get /health",
                "get /nodes/products/{id}", "get /nodes/products/{id}/table", "get /orders", "get /orders/{id}",
                "get /products/by-category/{id}", "get /products/events/{id}", "get /products/explicit/{id}", "get /products/featured",
                "get /products/production/{id}", "get /products/ttl/{id}", "get /products/writethrough/{id}", "post /orders", "put /categories/{id}",
                "put /nodes/database/products/{id}", "put /nodes/{node}/products/{id}",
                "put /products/events/{id}", "put /products/production/{id}", "put /products/writethrough/{id}",
            ],
            operations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_OpenAPI_document_has_the_field_names_of_the_wire_and_lists_the_required_fields()
    {
        var schemas = (await GetAsync("/openapi/v1.json"))["components"]!["schemas"]!;
        Assert.Contains("category_name", schemas["ProductAnswer"]!["properties"]!.AsObject().Select(static field => field.Key));
        Assert.Equal(["trusted"], schemas["HorizonAnswer"]!["required"]!.AsArray().Select(static field => (string?)field));
        Assert.Equal(["name", "description", "price"], schemas["ProductChange"]!["properties"]!.AsObject().Select(static field => field.Key));
    }

    [Fact]
    public async Task The_OpenAPI_document_has_the_limits_of_every_write()
    {
        var document = await GetAsync("/openapi/v1.json");
        var schemas = document["components"]!["schemas"]!;
        Assert.Equal((200, 4000), ((int)Field("ProductChange", "name")["maxLength"]!, (int)Field("ProductChange", "description")["maxLength"]!));
        Assert.Equal((0m, 1_000_000_000m), ((decimal)Field("ProductChange", "price")["minimum"]!, (decimal)Field("ProductChange", "price")["maximum"]!));
        Assert.Contains("number", Field("ProductChange", "price")["type"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("number", Field("ProductAnswer", "price")["type"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(200, (int)Field("CategoryChange", "name")["maxLength"]!);
        Assert.Equal((1, 1000), ((int)Field("NewOrder", "quantity")["minimum"]!, (int)Field("NewOrder", "quantity")["maximum"]!));
        Assert.Equal((1, 100), ((int)Field("NewOrder", "customer")["minLength"]!, (int)Field("NewOrder", "customer")["maxLength"]!));
        var bodies = document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject()).Where(static operation => operation.Value!["requestBody"] is not null).ToList();
        Assert.Equal(7, bodies.Count);
        foreach (var operation in bodies)
        {
            var responses = operation.Value!["responses"]!.AsObject();
            Assert.All(["400", "404", "413", "415"], status => Assert.True(responses.ContainsKey(status), $"{operation.Key}: {status}"));
        }

        System.Text.Json.Nodes.JsonNode Field(string schema, string name) => schemas[schema]!["properties"]![name]!;
    }

    [Fact]
    public async Task The_page_offers_every_strategy_and_loads_nothing_from_elsewhere()
    {
        var page = "";
        foreach (var (path, type) in ((string, string)[])
            [("/", "text/html"), ("/page/page.css", "text/css"), ("/page/http.js", "text/javascript"), ("/page/nodes.js", "text/javascript"), ("/page/page.js", "text/javascript"), ("/page/strategies.js", "text/javascript")])
        {
            using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
            page += await response.Content.ReadAsStringAsync(Cancel);
            Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
            Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }

        Assert.All(
            ["/products/ttl/", "/products/explicit/", "/products/writethrough/", "/products/events/", "/products/featured", "/products/by-category/", "/products/production/"],
            path => Assert.Contains(path, page, StringComparison.Ordinal));
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", page, StringComparison.Ordinal);
    }

    private static LogPosition PositionIn(Answer health) => LogPosition.Parse((string)health.Body!["horizon"]!["position"]!);
}
