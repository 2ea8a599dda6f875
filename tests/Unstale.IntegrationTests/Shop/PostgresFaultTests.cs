using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Has its own server, which is stopped while the shop runs.</summary>
public sealed class PostgresFaultTests(PostgresServer server) : ClusterTest(server), IClassFixture<PostgresServer>
{
    private readonly PostgresServer _server = server;

    [Fact]
    public async Task Cached_values_are_served_and_writes_fail_during_a_PostgreSQL_outage()
    {
        await WarmBothAsync();
        await _server.StopAsync();
        Assert.All(await PricesAsync(), static price => Assert.Equal(999.99m, price));
        Assert.Equal(HttpStatusCode.InternalServerError, (await Here.PutAsync("/products/events/1", new { price = 5 })).Status);
        var health = await There.GetAsync("/health");
        Assert.Equal((HttpStatusCode.OK, "degraded", "unreachable"), (health.Status, health["status"], health["database"]));

        await _server.StartAgainAsync();
        await There.HasHealthAsync("healthy", "connected");
        Assert.Equal(HttpStatusCode.OK, (await Here.PutAsync("/products/events/1", new { price = 6 })).Status);
        await BothReadWithinAsync(Delivery, 6);
    }

    [Fact]
    public async Task A_restart_of_PostgreSQL_between_two_requests_fails_none()
    {
        await WarmBothAsync();
        Assert.All(await ReadAllAsync("ttl"), static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await _server.StopAsync();
        await _server.StartAgainAsync();
        Assert.Equal(HttpStatusCode.OK, (await There.PutAsync("/products/events/1", new { price = 7 })).Status);
        Assert.All(await ReadAllAsync("explicit"), static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await BothReadWithinAsync(Delivery, 7);
    }

    /// <summary>Reads ten products at once, over as many connections.</summary>
    private Task<Answer[]> ReadAllAsync(string strategy) =>
        Task.WhenAll(Enumerable.Range(2, 10).Select(id => Here.GetAsync($"/products/{strategy}/{id}")));
}
