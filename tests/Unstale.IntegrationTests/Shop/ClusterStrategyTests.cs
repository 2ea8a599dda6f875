using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Seven strategies, each read as intended and written in its own way where it has one.</summary>
[Collection<PostgresCollection>]
public sealed class ClusterStrategyTests(PostgresServer server) : ClusterTest(server)
{
    private const string Cart = "/cart/products/4";
    private const string Price = "price";

    private static readonly (string Strategy, string Read, string Write)[] Priced =
    [
        ("1. TTL", "/products/ttl/4", "/products/events/4"),
        ("3. Write-through", "/products/writethrough/4", "/products/writethrough/4"),
        ("4. Events", "/products/events/4", "/products/events/4"),
        ("5. Stale while revalidate", "/products/featured", "/products/events/4"),
        ("7. Production", "/products/production/4", "/products/production/4"),
    ];

    [Fact]
    public async Task Under_each_of_the_seven_strategies_a_write_on_one_node_is_visible_on_the_others()
    {
        await using var worker = await StartWorkerAsync();
        var price = 0;
        foreach (var (strategy, read, write) in Priced)
        {
            await HoldAsync(worker, read);
            await Here.PutAsync(write, new { price = ++price });
            await ShowsAsync(strategy, There, read, answer => Four(answer, Price) == $"{price}");
            await ShowsAsync(strategy, worker, Cart, answer => Four(answer, Price) == $"{price}");
            SwapNodes();
        }

        await HoldAsync(worker, "/products/by-category/2");
        await Here.PutAsync("/categories/2", new { name = "Books and maps" });
        await ShowsAsync("6. Tags", There, "/products/by-category/2", static answer => Four(answer, "category_name") == "Books and maps");
        await ShowsAsync("6. Tags", worker, Cart, static answer => Four(answer, "category_name") == "Books and maps");

        await HoldAsync(worker, "/products/explicit/4");
        await Here.DeleteAsync("/products/explicit/4");
        await ShowsAsync("2. Explicit", There, "/products/explicit/4", static answer => answer.Status == HttpStatusCode.NotFound);
        await ShowsAsync("2. Explicit", worker, Cart, static answer => answer.Status == HttpStatusCode.NotFound);
    }

    private async Task HoldAsync(ShopNode worker, string path)
    {
        await There.WarmAsync(path);
        await worker.WarmAsync(Cart);
    }

    private static Task ShowsAsync(string strategy, ShopNode server, string path, Func<Answer, bool> isNew) =>
        WithinAsync(Delivery, $"{strategy}: the new state under {path}", async () => isNew(await server.GetAsync(path)));

    /// <summary>Returns a field of product 4, alone or in a list.</summary>
    private static string? Four(Answer answer, string field)
    {
        var product = answer.Body is System.Text.Json.Nodes.JsonArray list ? list.Single(static one => (int)one!["id"]! == 4) : answer.Body;
        return product![field]!.ToString();
    }
}
