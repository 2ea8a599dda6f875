using System.Net;
using System.Text;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class OrderErrorTests(PostgresServer? postgres) : ShopTest(postgres)
{
    public static TheoryData<string, string> BadBodies => new()
    {
        { "", "A JSON object with product_id, quantity and customer is needed as the body." },
        { "null", "A JSON object with product_id, quantity and customer is needed as the body." },
        { "[1]", "The body is not a JSON object." },
        { "{}", "The product_id is missing." },
        { """{"product_id":1,"customer":"Ann"}""", "The quantity is missing." },
        { """{"product_id":1,"quantity":1}""", "The customer is missing." },
        { """{"product_id":1,"quantity":0,"customer":"Ann"}""", "The quantity is 0; it must be from 1 to 1000." },
        { """{"product_id":1,"quantity":-2,"customer":"Ann"}""", "The quantity is -2; it must be from 1 to 1000." },
        { """{"product_id":1,"quantity":1001,"customer":"Ann"}""", "The quantity is 1001; it must be from 1 to 1000." },
        { """{"product_id":1,"quantity":1.5,"customer":"Ann"}""", "The value at $.quantity in the body has the wrong type, is out of range, or is not JSON." },
        { """{"product_id":"1","quantity":1,"customer":"Ann"}""", "The value at $.product_id in the body has the wrong type, is out of range, or is not JSON." },
        { """{"product_id":1,"quantity":1,"customer":""}""", "The customer is empty." },
        { """{"product_id":1,"quantity":1,"customer":"a\u0000b"}""", "The customer has the character U+0000, which is no part of a text." },
        { $$"""{"product_id":1,"quantity":1,"customer":"{{new string('a', 101)}}"}""", "The customer has 101 characters; it can have 100." },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task An_invalid_order_is_refused_with_the_reason_and_invalidates_nothing(string body, string detail)
    {
        await GetAsync("/orders");
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        IsProblem(await SendAsync(HttpMethod.Post, "/orders", content), HttpStatusCode.BadRequest, "Bad Request", detail);
        await ListIsStillEmptyAndCachedAsync();
    }

    [Theory]
    [InlineData("/orders?customer=", "The customer is empty.")]
    [InlineData("/orders?customer=a%00b", "The customer has the character U+0000, which is no part of a text.")]
    [InlineData("/orders/abc", "The id 'abc' is not a whole number.")]
    public async Task An_invalid_request_for_orders_is_refused_with_the_reason(string path, string detail) =>
        IsProblem(await GetAnswerAsync(path), HttpStatusCode.BadRequest, "Bad Request", detail);

    [Fact]
    public async Task An_order_of_a_product_that_does_not_exist_is_not_found_and_invalidates_nothing()
    {
        await GetAsync("/orders");
        IsProblem(await OrderAsync(productId: 99), HttpStatusCode.NotFound, "Product not found", "Product not found");
        await ListIsStillEmptyAndCachedAsync();
    }

    [Fact]
    public async Task Orders_that_do_not_exist_are_not_found_and_their_cancelling_invalidates_nothing()
    {
        await GetAsync("/orders");
        IsProblem(await GetAnswerAsync("/orders/1"), HttpStatusCode.NotFound, "Order not found", "Order not found");
        IsProblem(await SendAsync(HttpMethod.Delete, "/orders/1"), HttpStatusCode.NotFound, "Order not found", "Order not found");
        await ListIsStillEmptyAndCachedAsync();
        Assert.Equal("""{"exists":false}""", (await GetAsync("/cache/stats/query_cache:GetOrder:1")).ToJsonString());
    }

    [Fact]
    public async Task A_database_that_fails_in_the_transaction_leaves_the_list_cached()
    {
        await GetAsync("/orders");
        await ChangeBehindTheCacheAsync("ALTER TABLE orders RENAME TO elsewhere");
        Assert.Equal(HttpStatusCode.InternalServerError, (await OrderAsync(productId: 1)).Status);
        Assert.Equal(HttpStatusCode.InternalServerError, (await SendAsync(HttpMethod.Delete, "/orders/1")).Status);
        await ChangeBehindTheCacheAsync("ALTER TABLE elsewhere RENAME TO orders");
        await ListIsStillEmptyAndCachedAsync();
    }

    [Fact]
    public async Task A_rollback_drops_the_invalidations_of_the_events_in_its_transaction()
    {
        await GetAsync("/orders");
        var received = 0;
        using (Events.Subscribe<global::Shop.Orders.OrderCreated>((_, _) => throw new InvalidOperationException($"the stock is empty, {++received}")))
            Assert.Equal(HttpStatusCode.InternalServerError, (await OrderAsync(productId: 1)).Status);

        Assert.Equal((1, 0), (received, await QueryAsync<int>("SELECT count(*) FROM orders")));
        await ListIsStillEmptyAndCachedAsync();

        Assert.Equal(HttpStatusCode.Created, (await OrderAsync(productId: 1)).Status);
        Assert.Single((await GetAsync("/orders")).AsArray());
    }

    private Task<Answer> OrderAsync(int productId) => PostAsync("/orders", new { product_id = productId, quantity = 1, customer = "Ann" });

    private async Task ListIsStillEmptyAndCachedAsync()
    {
        var list = await GetAnswerAsync("/orders");
        Assert.Equal(("[]", "memory"), (list.Body!.ToJsonString(), list.Outcome));
    }

    private static void IsProblem(Answer answer, HttpStatusCode status, string title, string detail)
    {
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.MediaType));
        Assert.Equal((((int)status).ToString(), title, detail), (answer["status"], answer["title"], answer["detail"]));
    }
}
