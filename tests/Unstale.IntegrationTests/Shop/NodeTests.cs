using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Comparison of two nodes with a plain HybridCache.</summary>
public abstract class NodeTests(PostgresServer? postgres, string data = "Dapper") : ShopTest(postgres, data)
{
    private const string Path = "/nodes/products/1";

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public async Task After_a_write_on_one_node_the_plain_cache_of_the_other_is_stale_and_no_cache_of_Unstale_is(string writer, string reader)
    {
        await GetAsync(Path);
        await PutAsync($"/nodes/{writer}/products/1", new { price = 5 });
        Advance(14);
        var answer = await GetAsync(Path);

        Assert.Equal((5m, 3L), ((decimal)answer["price"]!, (long)answer["version"]!));
        foreach (var node in (string[])["a", "b"])
        {
            var ours = Find(answer, "Unstale", node);
            Assert.Equal((5m, 3L, false, 0L, 0d), (Price(ours), (long)ours["version"]!, IsStale(ours), Stale(ours), StaleFor(ours)));
        }

        var written = Find(answer, "HybridCache", writer);
        Assert.Equal((5m, false, 0L), (Price(written), IsStale(written), Stale(written)));
        var other = Find(answer, "HybridCache", reader);
        Assert.Equal((999.99m, 2L, true, 14_000d), (Price(other), (long)other["version"]!, IsStale(other), StaleFor(other)));
        Assert.Equal((4L, 2L), ((long)other["answers"]!, Stale(other)));
        Assert.Null(other["true_after_ms"]);
    }

    [Fact]
    public async Task The_two_nodes_have_memories_of_their_own()
    {
        var first = await GetAsync(Path);
        Assert.All(Caches(first), static one => Assert.Equal("load", (string?)one["outcome"]));
        Advance(2);
        Assert.All(Caches(await GetAsync(Path)), static one => Assert.Equal(("memory", 2_000d), ((string?)one["outcome"], (double)one["age_ms"]!)));
    }

    [Fact]
    public async Task A_comparison_leaves_the_values_of_the_strategies_as_they_are_on_each_node()
    {
        await GetAsync(Path);
        await ReadsAsync("/products/ttl/1", 999.99m, cached: false);
        await PutAsync("/products/writethrough/2", new { price = 5 });
        Assert.Equal(["memory", "none"], Strategies(await GetAsync(Path), "TTL").Select(static one => (string?)one["outcome"]));
        Assert.Equal(["memory", "none"], Strategies(await GetAsync("/nodes/products/2"), "Write-through").Select(static one => (string?)one["outcome"]));
    }

    [Theory]
    [InlineData("/products/events/1")]
    [InlineData("/products/writethrough/1")]
    [InlineData("/products/production/1")]
    [InlineData("/nodes/b/products/1")]
    public async Task After_a_write_through_the_shop_no_strategy_is_stale_on_any_node(string path)
    {
        await PutAsync("/nodes/a/products/1", new { price = 4 }); // loads the value of each strategy on both nodes
        await PutAsync(path, new { price = 5 });
        var answer = await GetAsync(Path);
        Assert.Equal(14, Strategies(answer).Count);
        Assert.All(Strategies(answer), static one => Assert.Equal((false, 0L, 0d), (IsStale(one), Stale(one), (double)one["possible_ms"]!)));
        Assert.All(Strategies(answer), static one => Assert.True(one["version"] is null ? (string?)one["outcome"] == "none" : Price(one) == 5m));
        Assert.All(Strategies(answer), static one => Assert.NotNull(one["true_after_ms"]));
    }

    [Theory]
    [InlineData("TTL", 60)]
    [InlineData("Explicit", 3600)]
    [InlineData("Write-through", 300)]
    [InlineData("Events", 600)]
    [InlineData("Stale while revalidate", 120)]
    [InlineData("Tags", 300)]
    [InlineData("Production", 300)]
    public async Task After_an_unreported_write_each_strategy_is_stale_until_its_own_end(string strategy, int seconds)
    {
        await PutAsync("/nodes/database/products/1", new { price = 5 });
        Advance(10);
        Assert.All(Strategies(await GetAsync(Path), strategy), one =>
            Assert.Equal((true, 10_000d, 1000d * seconds), (IsStale(one), StaleFor(one), (double)one["possible_ms"]!)));
        Advance(seconds - 10);
        Assert.All(Strategies(await GetAsync(Path), strategy), one => Assert.Equal(
            (false, 10_000d, 1000d * seconds, "none"), (IsStale(one), StaleFor(one), (double)one["true_after_ms"]!, (string?)one["true_from"])));
    }

    [Fact]
    public async Task A_stale_answer_of_Unstale_is_reported_on_each_node()
    {
        await GetAsync(Path);
        await PutAsync("/nodes/database/products/1", new { price = 5 });
        Assert.All(Nodes, static node => Assert.True(node.GetStatistics().StaleReported > 0));
    }

    [Fact]
    public async Task A_reset_begins_the_counts_again()
    {
        await GetAsync(Path);
        await PutAsync("/nodes/a/products/1", new { price = 5 });
        Assert.Equal("Counts of answers reset", (await SendAsync(HttpMethod.Delete, "/nodes/answers"))["message"]);
        var other = Find(await GetAsync(Path), "HybridCache", "b");
        Assert.Equal((1L, 1L, true), ((long)other["answers"]!, Stale(other), IsStale(other)));
    }

    [Fact]
    public async Task An_answer_that_missed_several_writes_is_out_of_date_since_the_first()
    {
        await GetAsync(Path);
        await PutAsync("/nodes/a/products/1", new { price = 5 });
        Advance(3);
        await PutAsync("/nodes/a/products/1", new { price = 6 });
        Advance(2);
        Assert.Equal(5_000d, StaleFor(Find(await GetAsync(Path), "HybridCache", "b")));
        Assert.Equal(2_000d, (double)(await GetAsync(Path))["changed_ms_ago"]!);
    }

    [Fact]
    public async Task A_product_outside_a_list_has_no_answer_there()
    {
        var answer = (await PutAsync("/nodes/a/products/2", new { price = 199.5 })).Body!;
        Assert.All(Strategies(answer, "Stale while revalidate"), static one => Assert.Null(one["version"]));
        Assert.All(Strategies(answer, "Tags"), static one => Assert.Equal("199.5", one["price"]!.ToString()));
    }

    [Theory]
    [InlineData("/nodes/c/products/1", HttpStatusCode.NotFound, "There is no such node. The nodes are a and b.")]
    [InlineData("/nodes/a/products/999", HttpStatusCode.NotFound, "Product not found")]
    [InlineData("/nodes/database/products/999", HttpStatusCode.NotFound, "Product not found")]
    [InlineData("/nodes/a/products/x", HttpStatusCode.BadRequest, "The id 'x' is not a whole number.")]
    public async Task A_refused_write_has_a_reason(string path, HttpStatusCode status, string reason)
    {
        var answer = await PutAsync(path, new { price = 5 });
        Assert.Equal((status, reason), (answer.Status, answer["detail"]));
        Assert.Equal("The price is -1; it cannot be negative.", (await PutAsync(path.Replace('x', '1'), new { price = -1 }))["detail"]);
    }

    [Fact]
    public async Task The_table_has_one_line_for_each_cache_of_each_node()
    {
        await GetAsync(Path);
        await PutAsync("/nodes/a/products/1", new { price = 5 });
        Advance(2);
        var table = await Client.GetStringAsync(new Uri($"{Path}/table", UriKind.Relative), Cancel);
        Assert.Equal(
            """
            cache        node       price  version    stale for    true within  stale answers
            Unstale      a           5.00   3 of 3    not stale         0.0 ms         0 of 4
            Unstale      b           5.00   3 of 3    not stale         0.0 ms         0 of 4
            HybridCache  a           5.00   3 of 3    not stale         0.0 ms         0 of 4
            HybridCache  b         999.99   2 of 3        2.0 s        not yet         2 of 4

            """,
            table);
    }

    [Fact]
    public async Task Outside_of_development_there_is_no_comparison()
    {
        await using var production = await StartAnotherAsync("Production");
        using var client = new HttpClient { BaseAddress = production.Address };
        using var answer = await client.GetAsync(new Uri(Path, UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static JsonNode Find(JsonNode answer, string cache, string node) =>
        Assert.Single(Caches(answer), one => (string?)one["cache"] == cache && (string?)one["node"] == node);

    private static List<JsonNode> Caches(JsonNode answer) => [.. answer["caches"]!.AsArray().Select(static one => one!)];

    private static List<JsonNode> Strategies(JsonNode answer, string? strategy = null) =>
        [.. answer["strategies"]!.AsArray().Select(static one => one!).Where(one => strategy is null || (string?)one["cache"] == strategy)];

    private static decimal Price(JsonNode one) => (decimal)one["price"]!;

    private static bool IsStale(JsonNode one) => (bool)one["stale"]!;

    private static long Stale(JsonNode one) => (long)one["stale_answers"]!;

    private static double StaleFor(JsonNode one) => (double)one["stale_for_ms"]!;
}

/// <summary>Databases of earlier versions of the shop.</summary>
public sealed class EarlierDatabaseTests
{
    [Fact]
    public async Task A_database_without_the_time_of_changes_receives_the_column_and_keeps_its_products()
    {
        using var folder = new TemporaryFolder();
        var database = $"Data Source={folder.File("shop.db")}";
        await using (await ShopHost.StartAsync(database))
        {
            await RunAsync(database, "UPDATE products SET name = 'Kept' WHERE id = 1");
            await RunAsync(database, "ALTER TABLE products DROP COLUMN changed_at");
            await RunAsync(database, "ALTER TABLE categories DROP COLUMN changed_at");
        }

        await using var shop = await ShopHost.StartAsync(database);
        using var client = new HttpClient { BaseAddress = shop.Address };
        var answer = JsonNode.Parse(await client.GetStringAsync(new Uri("/nodes/products/1", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal("Kept", (string?)answer["name"]);
        Assert.Null(answer["changed_ms_ago"]);
    }

    private static async Task RunAsync(string database, string sql)
    {
        await using var connection = new SqliteConnection($"{database};Pooling=False");
        await connection.ExecuteAsync(sql);
    }
}
