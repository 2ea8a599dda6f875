using Dapper;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>Instruments of the outbox.</summary>
[Collection<MeasuredCollection>]
public sealed class OutboxMetricsTests(PostgresServer server)
{
    [Fact]
    public async Task Rows_that_wait_are_sent_or_are_unreadable_and_failures_are_measured_until_the_end()
    {
        using var instruments = new Instruments("unstale.outbox.", "default");
        await using var database = await ShopDatabase.CreateAsync(server);
        await database.ExecuteAsync(PostgreSqlOutbox.Script());
        await database.ExecuteAsync("SELECT unstale.outbox_add('products', g::text) FROM generate_series(1, 3) g");
        await using var connection = await database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await connection.ExecuteAsync("SELECT FROM unstale.outbox FOR UPDATE", transaction: transaction); // a relay skips locked rows
        await using (await ShopNode.StartWithOutboxAsync(database))
        {
            await Eventually.TrueAsync("the rows wait", () => Task.FromResult(instruments["waiting"] == 3 && instruments["age"] > 0));
            await transaction.RollbackAsync(TestContext.Current.CancellationToken);
            await Eventually.TrueAsync("the rows are sent and none waits", () => Task.FromResult(instruments["relayed"] == 3 && instruments["waiting"] == 0));
            Assert.Equal((0, null, null), (instruments["age"], instruments["unreadable"], instruments["failures"]));
            await database.ExecuteAsync("""INSERT INTO unstale.outbox (change) VALUES ('{"id":"4"}')""");
            await Eventually.TrueAsync("the row is unreadable", () => Task.FromResult(instruments["unreadable"] == 1));
            await database.ExecuteAsync("DROP TABLE unstale.outbox");
            await Eventually.TrueAsync("the relay fails", () => Task.FromResult(instruments["failures"] > 0));
        }

        instruments.Clear();
        Assert.Equal((null, null), (instruments["waiting"], instruments["age"]));
    }
}
