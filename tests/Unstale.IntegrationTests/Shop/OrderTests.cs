using System.Net;
using System.Net.Http.Json;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class OrderTests(PostgresServer? postgres, string data = "Dapper") : ShopTest(postgres, data)
{
    [Fact]
    public async Task An_order_is_in_the_list_that_was_cached_before_it()
    {
        Assert.Equal(("[]", "load"), await ReadAsync("/orders"));
        Assert.Equal(("[]", "memory"), await ReadAsync("/orders"));

        var made = await OrderAsync("Ann");
        Assert.Equal(
            """{"id":1,"customer":"Ann","product_id":1,"product_name":"Laptop","price":999.99,"quantity":2,"total":1999.98,"cached":false}""",
            made.Body!.ToJsonString());
        Assert.Equal(($"[{made.Body!.ToJsonString()}]", "load"), await ReadAsync("/orders"));

        var again = Assert.Single((await GetAsync("/orders")).AsArray());
        Assert.Equal(("1", true), (again!["id"]!.ToString(), (bool)again["cached"]!));
    }

    [Fact]
    public async Task A_list_contains_the_orders_of_its_customer_newest_first_and_stays_cached_when_another_customer_orders()
    {
        await OrderAsync("Ann");
        await OrderAsync("Bob");
        await OrderAsync("Ann");
        await ListsAsync("/orders", 3, 2, 1);
        await ListsAsync("/orders?customer=Ann", 3, 1);
        await ListsAsync("/orders?customer=Bob", 2);
        await ListsAsync("/orders?customer=ann");

        await OrderAsync("Bob");
        Assert.Equal("memory", (await ReadAsync("/orders?customer=Ann")).Outcome);
        await ListsAsync("/orders?customer=Bob", 4, 2);
        await ListsAsync("/orders", 4, 3, 2, 1);
    }

    [Fact]
    public async Task Customers_whose_names_look_like_keys_have_lists_of_their_own()
    {
        string[] customers = ["all", "*", "a:b", "a%3Ab", "customer:all"];
        foreach (var customer in customers)
            await ListsAsync($"/orders?customer={Uri.EscapeDataString(customer)}");
        foreach (var customer in customers)
            await OrderAsync(customer);
        for (var at = 0; at < customers.Length; at++)
            await ListsAsync($"/orders?customer={Uri.EscapeDataString(customers[at])}", at + 1);
    }

    [Fact]
    public async Task An_order_is_read_at_its_location_and_keeps_its_original_price()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await GetAnswerAsync("/orders/1")).Status);
        using var content = JsonContent.Create(new { product_id = 1, quantity = 2, customer = "Ann" });
        using var response = await Client.PostAsync(new Uri("/orders", UriKind.Relative), content, Cancel);
        Assert.Equal((HttpStatusCode.Created, "/orders/1"), (response.StatusCode, response.Headers.Location?.OriginalString));

        Assert.Equal("load", (await ReadAsync("/orders/1")).Outcome);
        await PutAsync("/products/events/1", new { name = "Desk", price = 1 });
        await SendAsync(HttpMethod.Delete, "/products/explicit/1");
        var order = await GetAnswerAsync("/orders/1");
        Assert.Equal(("memory", "Laptop", 999.99m, true), (order.Outcome, order["product_name"], (decimal)order.Body!["price"]!, (bool)order.Body["cached"]!));
    }

    [Fact]
    public async Task A_cancelled_order_is_in_no_list_and_its_number_is_not_reused()
    {
        await OrderAsync("Bob");
        await OrderAsync("Ann");
        await GetAsync("/orders");
        await GetAsync("/orders?customer=Ann");
        await GetAsync("/orders?customer=Bob");
        await ReadAsync("/orders/2");

        var answer = await SendAsync(HttpMethod.Delete, "/orders/2");
        Assert.Equal((HttpStatusCode.OK, "Order cancelled"), (answer.Status, answer["message"]));
        await ListsAsync("/orders", 1);
        await ListsAsync("/orders?customer=Ann");
        Assert.Equal("memory", (await ReadAsync("/orders?customer=Bob")).Outcome);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAnswerAsync("/orders/2")).Status);

        Assert.Equal("3", (await OrderAsync("Ann"))["id"]);
    }

    [Fact]
    public async Task A_list_of_orders_past_its_lifetime_is_loaded_again()
    {
        await GetAsync("/orders");
        Assert.Equal(300, (int)(await GetAsync("/cache/stats/query_cache:ListOrders:all"))["ttl"]!);
        Advance(300);
        Assert.Equal("load", (await ReadAsync("/orders")).Outcome);
    }

    [Fact]
    public async Task A_database_without_a_table_of_orders_gets_the_table_when_a_shop_starts()
    {
        await ChangeBehindTheCacheAsync("DROP TABLE orders");
        var shops = await Task.WhenAll(StartAnotherAsync(), StartAnotherAsync());
        Assert.Equal(HttpStatusCode.Created, (await OrderAsync("Ann")).Status);
        Assert.Equal(11, await QueryAsync<int>("SELECT count(*) FROM products"));
        foreach (var shop in shops)
            await shop.DisposeAsync();
    }

    private Task<Answer> OrderAsync(string customer) => PostAsync("/orders", new { product_id = 1, quantity = 2, customer });

    private async Task<(string Body, string? Outcome)> ReadAsync(string path)
    {
        var answer = await GetAnswerAsync(path);
        return (answer.Body!.ToJsonString(), answer.Outcome);
    }

    private async Task ListsAsync(string path, params int[] ids) =>
        Assert.Equal(ids, (await GetAsync(path)).AsArray().Select(static order => (int)order!["id"]!));
}
