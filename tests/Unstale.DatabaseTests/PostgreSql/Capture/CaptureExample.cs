using Microsoft.Extensions.DependencyInjection;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Example of the page about PostgreSQL.</summary>
[Collection<PostgresCollection>]
public sealed class CaptureExample(PostgresServer server)
{
    [Fact]
    public async Task An_update_by_plain_SQL_is_captured()
    {
        await using var shop = await CaptureShop.CreateAsync(server);
        await shop.Database.ExecuteAsync("CREATE SCHEMA orders; CREATE TABLE orders.lines (id int PRIMARY KEY)");
        await using var node = await ShopNode.StartAsync(shop.Database, builder => Register(builder, shop.Database.ConnectionString, shop.Slot));
        var lines = await SetUpAsync(node.Service<PostgreSqlChangeCapture>(), TestContext.Current.CancellationToken);
        Assert.Contains("max_slot_wal_keep_size", lines, StringComparison.Ordinal);
        await shop.WarmAsync(node);
        await node.PriceAsync(shop.Database, 4);
        await shop.Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        await Eventually.TrueAsync("the price is captured", async () => await node.PriceAsync(shop.Database, 4) == 12);
        Assert.True(await IsHealthyAsync(node.Service<PostgreSqlChangeCapture>(), TestContext.Current.CancellationToken));
        await node.DisposeAsync();
        await using var remover = await ShopNode.StartAsync(shop.Database, builder => RegisterIdle(builder, shop.Database.ConnectionString, shop.Slot));
        await Eventually.TrueAsync("no process reads", async () => !await shop.IsReadAsync());
        await RemoveAsync(remover.Service<PostgreSqlChangeCapture>(), TestContext.Current.CancellationToken);
        Assert.Equal(0, await shop.Database.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE slot_name = @Slot", new { shop.Slot }));
        Assert.Equal(0, await shop.Database.QueryAsync<long>("SELECT count(*) FROM pg_publication"));
    }

    private static void RegisterIdle(IUnstaleBuilder unstale, string connectionString, string database) =>
        unstale.UsePostgreSqlChangeCapture(o =>
        {
            (o.ConnectionString, o.Slot, o.Publication, o.IsReader) = (connectionString, database, database, false);
            o.AddTable("products");
        });

    private static void Register(IUnstaleBuilder unstale, string connectionString, string database)
    {
        unstale.UsePostgreSqlChangeCapture(o =>
        {
            o.ConnectionString = connectionString;                          // a user with the attribute REPLICATION
            o.Slot = o.Publication = database;                              // slots belong to the whole server
            o.AddTable("products", ignoredColumns: ["last_viewed_at"]);
            o.AddTable("orders.lines", resource: "order-lines");
        });
    }

    private static async Task<string> SetUpAsync(PostgreSqlChangeCapture capture, CancellationToken token)
    {
        var status = await capture.SetupAsync(token);                       // in a migration; again after a table was added
        return string.Join('\n', status.Warnings);                          // settings that endanger the server, or cost precision
    }

    private static async Task<bool> IsHealthyAsync(PostgreSqlChangeCapture capture, CancellationToken token)
    {
        var status = await capture.GetStatusAsync(token);
        return status is { IsSetUp: true, IsReading: true, UnreadBytes: < 1_000_000_000 };
    }

    private static async Task RemoveAsync(PostgreSqlChangeCapture capture, CancellationToken token)
    {
        await capture.DropAsync(token);                                     // after the last process with change capture has ended
    }
}
