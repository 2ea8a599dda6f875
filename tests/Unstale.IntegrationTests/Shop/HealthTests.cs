using System.Net;
using Dapper;
using Microsoft.Data.Sqlite;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Health reports of two nodes while a server is unavailable.</summary>
public abstract class HealthTests(PostgresServer? postgres) : ClusterTest(postgres)
{
    private static readonly long BoundMs = (long)Bound.TotalMilliseconds;

    /// <summary>Time of trust, which ends one clock reading before the bound.</summary>
    private static readonly long TrustedMs = BoundMs - 100;

    protected abstract Task TakeDatabaseAwayAsync();

    protected abstract Task GiveDatabaseBackAsync();

    [Fact]
    public async Task A_node_without_Redis_is_degraded_and_reports_its_position_and_its_last_confirmation()
    {
        await There.HasHealthAsync("healthy", "connected");
        await Here.HasHealthAsync("healthy", "connected");
        await Here.PutAsync("/products/events/1", new { price = 2 });
        await Eventually.TrueAsync("both stand at the write", async () => PositionIn(await HealthAsync(Here)) == PositionIn(await HealthAsync(There)));
        var before = await HealthAsync(There);
        Assert.True(PositionIn(before).Sequence > 0);
        Assert.Equal((true, "0"), (IsTrusted(before), before["queued"]));
        Assert.InRange(ConfirmedMsAgo(before), 0, BoundMs - 1);

        await Redis.StopAsync();
        await There.HasHealthAsync("degraded", "unreachable");
        await There.PutAsync("/products/events/1", new { price = 3 });
        var during = await HealthAsync(There);
        Assert.Equal((HttpStatusCode.OK, "degraded", false), (during.Status, during["status"], IsTrusted(during)));
        Assert.Equal(PositionIn(before), PositionIn(during));
        Assert.True(ConfirmedMsAgo(during) >= TrustedMs);
        Assert.NotEqual("0", during["queued"]);

        await Redis.StartAgainAsync();
        await There.HasHealthAsync("healthy", "connected");
        await Eventually.TrueAsync("nothing is pending", async () => (await HealthAsync(There))["queued"] == "0");
        var after = await HealthAsync(There);
        Assert.True(IsTrusted(after));
        Assert.InRange(ConfirmedMsAgo(after), 0, BoundMs - 1);
    }

    [Fact]
    public async Task A_node_that_never_reached_Redis_has_no_position_and_no_age()
    {
        await Redis.StopAsync();
        await using var late = await StartNodeAsync();
        var health = await HealthAsync(late);
        Assert.Equal((HttpStatusCode.OK, "degraded"), (health.Status, health["status"]));
        Assert.Equal("""{"trusted":false}""", health.Body!["horizon"]!.ToJsonString());

        await Redis.StartAgainAsync();
        await late.HasHealthAsync("healthy", "connected");
        Assert.NotEqual(Generation.None, PositionIn(await HealthAsync(late)).Generation);
    }

    [Fact]
    public async Task A_node_without_its_database_is_degraded_while_it_holds_trusted_entries_and_unhealthy_otherwise()
    {
        await There.HasHealthAsync("healthy", "connected");
        await Here.WarmAsync("/products/ttl/1");
        await TakeDatabaseAwayAsync();
        var warm = await HealthAsync(Here);
        Assert.Equal((HttpStatusCode.OK, "degraded", "unreachable", true), (warm.Status, warm["status"], warm["database"], IsTrusted(warm)));
        var cold = await HealthAsync(There);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unhealthy", "unreachable", true), (cold.Status, cold["status"], cold["database"], IsTrusted(cold)));

        await Redis.StopAsync();
        await Here.HasHealthAsync("unhealthy", "unreachable");
        var untrusted = await HealthAsync(Here);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unreachable", false), (untrusted.Status, untrusted["database"], IsTrusted(untrusted)));

        await GiveDatabaseBackAsync();
        await Here.HasHealthAsync("degraded", "unreachable");
        await Redis.StartAgainAsync();
        foreach (var node in new[] { Here, There })
        {
            await node.HasHealthAsync("healthy", "connected");
            Assert.Equal(999.99m, await node.PriceAsync("/products/ttl/1"));
        }
    }

    private static Task<Answer> HealthAsync(ShopNode node) => node.GetAsync("/health");

    private static bool IsTrusted(Answer health) => (bool)health.Body!["horizon"]!["trusted"]!;

    private static long ConfirmedMsAgo(Answer health) => (long)health.Body!["horizon"]!["confirmed_ms_ago"]!;

    private static LogPosition PositionIn(Answer health) => LogPosition.Parse((string)health.Body!["horizon"]!["position"]!);
}

public sealed class SqliteHealthTests() : HealthTests(null)
{
    protected override Task TakeDatabaseAwayAsync() => RunAsync("ALTER TABLE categories RENAME TO elsewhere");

    protected override Task GiveDatabaseBackAsync() => RunAsync("ALTER TABLE elsewhere RENAME TO categories");

    /// <summary>Runs a statement on the database. A deleted file stays available to processes that have it open; dropped tables do not.</summary>
    private async Task RunAsync(string sql)
    {
        await using var connection = new SqliteConnection($"{Database};Pooling=False");
        await connection.ExecuteAsync(sql);
    }
}

/// <summary>Has its own server, which is stopped while the shop runs.</summary>
public sealed class PostgresHealthTests(PostgresServer server) : HealthTests(server), IClassFixture<PostgresServer>
{
    private readonly PostgresServer _server = server;

    protected override async Task TakeDatabaseAwayAsync() => await _server.StopAsync();

    protected override Task GiveDatabaseBackAsync() => _server.StartAgainAsync();
}
