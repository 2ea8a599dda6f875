using System.Net;
using System.Text;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class ErrorTests(PostgresServer? postgres) : ShopTest(postgres)
{
    public static TheoryData<string> Writes => ["/products/writethrough/1", "/products/events/1", "/products/production/1"];

    public static TheoryData<string, string> BadBodies => new()
    {
        { "{bad", "The body is not a JSON object." },
        { "[1]", "The body is not a JSON object." },
        { "", "A JSON object is needed as the body; each of its fields may be left out." },
        { "null", "A JSON object is needed as the body; each of its fields may be left out." },
        { """{"price":"12"}""", "The value at $.price in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":1e400}""", "The value at $.price in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":1e-400}""", "The value at $.price in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":1e-9999999999}""", "The value at $.price in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":5.00000000000000000000000000000000001}""", "The value at $.price in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":0.00000000000000000000000000000000001}""", "The value at $.price in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":1e-28}""", "The price is 0.0000000000000000000000000001; it has at most two digits after the point." },
        { """{"name":5}""", "The value at $.name in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":1,"price":2}""", "The value at $.price in the body has the wrong type, is out of range, or is not JSON." },
        { """{"price":-0.01}""", "The price is -0.01; it cannot be negative." },
        { """{"price":0.001}""", "The price is 0.001; it has at most two digits after the point." },
        { """{"price":1000000001}""", "The price is 1000000001; it cannot be above 1000000000." },
        { """{"name":"a\u0000b"}""", "The name has the character U+0000, which is no part of a text." },
        { """{"description":"\u0000"}""", "The description has the character U+0000, which is no part of a text." },
    };

    [Theory]
    [InlineData("/products/ttl/99")]
    [InlineData("/products/explicit/99")]
    [InlineData("/products/writethrough/0")]
    [InlineData("/products/events/-1")]
    [InlineData("/products/production/99")]
    [InlineData("/cart/products/99")]
    public async Task A_missing_product_is_not_found_and_not_cached(string path)
    {
        IsProblem(await GetAnswerAsync(path), HttpStatusCode.NotFound, "Product not found", "Product not found");
        IsProblem(await GetAnswerAsync(path), HttpStatusCode.NotFound, "Product not found", "Product not found");
        Assert.Equal("""{"exists":false}""", (await GetAsync("/cache/stats/product:ttl:99")).ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_to_a_product_that_does_not_exist_is_not_found(string path) =>
        IsProblem(
            await PutAsync(path.Replace("/1", "/99", StringComparison.Ordinal), new { price = 1 }),
            HttpStatusCode.NotFound, "Product not found", "Product not found");

    [Fact]
    public async Task A_category_that_does_not_exist_is_not_found()
    {
        IsProblem(await GetAnswerAsync("/products/by-category/9"), HttpStatusCode.NotFound, "Category not found", "Category not found");
        IsProblem(await SendAsync(HttpMethod.Put, "/categories/9"), HttpStatusCode.NotFound, "Category not found", "Category not found");
        Assert.Equal("""{"exists":false}""", (await GetAsync("/cache/stats/products:category:9")).ToJsonString());
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task An_invalid_body_is_refused_with_the_reason_and_changes_nothing(string body, string detail)
    {
        foreach (var path in Writes)
            IsProblem(await PutTextAsync(path.Data, body), HttpStatusCode.BadRequest, "Bad Request", detail);

        Assert.Equal(1, await QueryAsync<int>("SELECT version FROM products WHERE id = 1"));
    }

    [Theory]
    [InlineData("""{"name":[]}""", "The value at $.name in the body has the wrong type, is out of range, or is not JSON.")]
    [InlineData("""{"name":"\u0000"}""", "The name has the character U+0000, which is no part of a text.")]
    public async Task A_bad_category_body_is_refused(string body, string detail) =>
        IsProblem(await PutTextAsync("/categories/1", body), HttpStatusCode.BadRequest, "Bad Request", detail);

    [Theory]
    [InlineData("abc", "The id 'abc' is not a whole number.")]
    [InlineData("1.5", "The id '1.5' is not a whole number.")]
    [InlineData("99999999999999999999", "The id '99999999999999999999' is out of range: ids have at most 64 bits.")]
    [InlineData("-9223372036854775809", "The id '-9223372036854775809' is out of range: ids have at most 64 bits.")]
    public async Task An_id_that_is_no_number_of_64_bits_is_refused(string id, string detail)
    {
        IsProblem(await GetAnswerAsync($"/products/ttl/{id}"), HttpStatusCode.BadRequest, "Bad Request", detail);
        IsProblem(await GetAnswerAsync($"/products/by-category/{id}"), HttpStatusCode.BadRequest, "Bad Request", detail);
        IsProblem(await PutAsync($"/products/events/{id}", new { price = 1 }), HttpStatusCode.BadRequest, "Bad Request", detail);
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_by_its_type_is_refused()
    {
        using var content = new StringContent("price=1", Encoding.UTF8, "application/x-www-form-urlencoded");
        IsProblem(
            await SendAsync(HttpMethod.Put, "/products/events/1", content),
            HttpStatusCode.UnsupportedMediaType, "Unsupported Media Type", "The body has to be JSON in UTF-8, not compressed, sent with Content-Type: application/json.");
    }

    [Fact]
    public async Task An_unknown_address_is_not_found_and_an_unsupported_method_is_not_allowed()
    {
        IsProblem(await GetAnswerAsync("/nowhere"), HttpStatusCode.NotFound, "Not Found", "There is nothing at /nowhere.");
        IsProblem(
            await SendAsync(HttpMethod.Post, "/products/ttl/1"), HttpStatusCode.MethodNotAllowed, "Method Not Allowed", "POST is not for /products/ttl/1.");
    }

    [Fact]
    public async Task A_failure_of_the_source_is_a_problem_without_its_details_and_is_not_cached()
    {
        Source.IsDown = true;
        var answer = await GetAnswerAsync("/products/ttl/1");
        Assert.Equal((HttpStatusCode.InternalServerError, "application/problem+json"), (answer.Status, answer.MediaType));
        Assert.DoesNotContain(FaultySource.Secret, answer.Body!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Something went wrong here. The log of the shop says more.", answer["detail"]);

        Source.IsDown = false;
        await ReadsAsync("/products/ttl/1", 999.99m, cached: false);
    }

    [Fact]
    public async Task A_write_that_fails_before_its_commit_leaves_the_product_cached()
    {
        await ReadsAsync("/products/ttl/1", 999.99m, cached: false);
        await ChangeBehindTheCacheAsync("ALTER TABLE categories RENAME TO elsewhere");
        Assert.Equal(HttpStatusCode.InternalServerError, (await PutAsync("/products/events/1", new { price = 1 })).Status);
        await ChangeBehindTheCacheAsync("ALTER TABLE elsewhere RENAME TO categories");
        await ReadsAsync("/products/ttl/1", 999.99m, cached: true);
    }

    private static void IsProblem(Answer answer, HttpStatusCode status, string title, string detail)
    {
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.MediaType));
        Assert.Equal((((int)status).ToString(), title, detail), (answer["status"], answer["title"], answer["detail"]));
    }
}
