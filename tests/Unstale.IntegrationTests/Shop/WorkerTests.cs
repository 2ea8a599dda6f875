using System.Net;
using Dapper;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Shop and worker over one PostgreSQL and one Redis.</summary>
[Collection<PostgresCollection>]
public sealed class WorkerTests(PostgresServer postgres) : IAsyncLifetime
{
    private const string Held = "/cart/products/4";

    private readonly TemporaryFolder _folder = new();
    private RedisServer _redis = null!;
    private string _database = "";
    private ShopNode _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _database = await postgres.CreateDatabaseAsync();
        _worker = await StartWorkerAsync();
        await _worker.SaysAsync("Listening on product:updates");
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _redis.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_worker_receives_the_message_of_a_write_and_serves_the_new_value_at_once()
    {
        await using var shop = await ShopNode.StartAsync(_folder.Path, _redis.EndPoint.ToString(), _database);
        await shop.HasHealthAsync("healthy", "connected");
        await _worker.WarmAsync(Held);
        await shop.PutAsync("/products/events/4", new { price = 5 });
        await ServesAsync(5);
        await _worker.SaysAsync("Heard of product 4: update. It is held here");
        await shop.PutAsync("/products/production/4", new { price = 6 });
        await ServesAsync(6);
        await _worker.SaysAsync("Heard of product 4: product:production:4. It is held here");
        await shop.PutAsync("/products/events/5", new { price = 7 });
        await _worker.SaysAsync("Heard of product 5: update. It is not held here");
    }

    [Fact]
    public async Task A_write_without_an_event_reaches_the_worker_by_the_log()
    {
        await using var shop = await ShopNode.StartAsync(_folder.Path, _redis.EndPoint.ToString(), _database);
        await shop.HasHealthAsync("healthy", "connected");
        await _worker.WarmAsync(Held);
        await shop.PutAsync("/products/writethrough/4", new { price = 8 });
        await ServesAsync(8);
        await shop.DeleteAsync("/products/explicit/4");
        await DeliveredAsync("that the product is gone", async () => (await _worker.GetAsync(Held)).Status == HttpStatusCode.NotFound);
        Assert.DoesNotContain(_worker.Lines, static line => line.Contains("Heard of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restarted_worker_serves_a_value_written_during_its_downtime()
    {
        await using var shop = await ShopNode.StartAsync(_folder.Path, _redis.EndPoint.ToString(), _database);
        await shop.HasHealthAsync("healthy", "connected");
        await _worker.WarmAsync(Held);
        await _worker.DisposeAsync();
        await shop.PutAsync("/products/events/4", new { price = 9 });
        _worker = await StartWorkerAsync();
        Assert.Equal(9m, await _worker.PriceAsync(Held));
        await _worker.WarmAsync(Held);
        Assert.Equal(9m, await _worker.PriceAsync(Held));
    }

    [Fact]
    public async Task A_worker_without_the_shop_serves_logs_received_messages_and_skips_unreadable_ones()
    {
        await _worker.WarmAsync(Held);
        Assert.True((bool)(await _worker.GetAsync("/cache/stats/cart:product:4")).Body!["exists"]!);
        var health = await _worker.GetAsync("/health");
        Assert.Equal(["status", "database", "redis", "horizon", "queued"], health.Body!.AsObject().Select(static field => field.Key));
        Assert.Equal(("healthy", "connected", "connected", "0"), (health["status"], health["database"], health["redis"], health["queued"]));
        Assert.True((bool)health.Body["horizon"]!["trusted"]!);
        foreach (var payload in new[] { "", "[", "null", """{"product_id":"x"}""", "{}", """{"key":"feed:all"}""", """{"product_id":4,"action":"restock"}""" })
            await _redis.RunAsync("PUBLISH", "product:updates", payload);
        await _worker.SaysAsync("Heard of product 4: restock. It is held here");
        Assert.Single(_worker.Lines, static line => line.Contains("Heard of", StringComparison.Ordinal));
        Assert.Single(_worker.Lines, static line => line.Contains("a published message is not a valid invalidation message", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/health", "127.0.0.1", HttpStatusCode.OK)]
    [InlineData("/cart/products/abc", "127.0.0.1", HttpStatusCode.BadRequest)]
    [InlineData("/nowhere", "127.0.0.1", HttpStatusCode.NotFound)]
    [InlineData("/health", "evil.example", HttpStatusCode.BadRequest)]
    public async Task Every_response_of_the_worker_has_the_headers_that_protect_a_browser(string path, string host, HttpStatusCode status)
    {
        using var client = new HttpClient { BaseAddress = _worker.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
        ProtectionTests.HasHeaders(response);
    }

    [Fact]
    public async Task The_worker_receives_messages_and_serves_again_after_a_Redis_outage()
    {
        await _worker.WarmAsync(Held);
        await _redis.StopAsync();
        await _worker.HasHealthAsync("degraded", "unreachable");
        var health = await _worker.GetAsync("/health");
        Assert.Equal((HttpStatusCode.OK, false), (health.Status, (bool)health.Body!["horizon"]!["trusted"]!));
        Assert.True((long)health.Body["horizon"]!["confirmed_ms_ago"]! >= 4_900); // trust ends one clock reading before the bound
        Assert.Equal(HttpStatusCode.OK, (await _worker.GetAsync(Held)).Status);
        await _redis.StartAgainAsync();
        await _worker.HasHealthAsync("healthy", "connected");
        await Eventually.TrueAsync("somebody listens again", async () => (await _redis.RunAsync("PUBLISH", "product:updates", """{"key":"x:3"}""")).Integer == 1);
        await _worker.SaysAsync("Heard of product 3: x:3. It is not held here");
        await _worker.WarmAsync(Held);
    }

    [Fact]
    public async Task Without_the_database_of_the_shop_the_worker_is_unhealthy_until_a_value_is_cached()
    {
        await _worker.HasHealthAsync("healthy", "connected");
        await ChangeBehindTheCacheAsync("ALTER TABLE categories RENAME TO elsewhere");
        var empty = await _worker.GetAsync("/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unhealthy", "unreachable"), (empty.Status, empty["status"], empty["database"]));

        await ChangeBehindTheCacheAsync("ALTER TABLE elsewhere RENAME TO categories");
        await _worker.WarmAsync(Held);
        await ChangeBehindTheCacheAsync("ALTER TABLE categories RENAME TO elsewhere");
        var warm = await _worker.GetAsync("/health");
        Assert.Equal((HttpStatusCode.OK, "degraded", "unreachable"), (warm.Status, warm["status"], warm["database"]));
    }

    private async Task ChangeBehindTheCacheAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{_database};Pooling=False");
        await connection.ExecuteAsync(sql);
    }

    private Task<ShopNode> StartWorkerAsync() => ShopNode.StartWorkerAsync(_folder.Path, _redis.EndPoint.ToString(), _database);

    private Task ServesAsync(decimal price) => DeliveredAsync($"the price {price} in the worker", async () => await _worker.PriceAsync(Held) == price);

    private static async Task DeliveredAsync(string reason, Func<Task<bool>> condition)
    {
        var begin = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(reason, condition);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin), TimeSpan.Zero, ClusterTest.Delivery);
    }
}
