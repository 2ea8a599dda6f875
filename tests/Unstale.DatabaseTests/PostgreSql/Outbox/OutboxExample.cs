using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>Example of the page about PostgreSQL.</summary>
[Collection<PostgresCollection>]
public sealed class OutboxExample(PostgresServer server)
{
    [Fact]
    public async Task A_price_is_changed_over_the_outbox()
    {
        await using var database = await ShopDatabase.CreateAsync(server);
        await database.ExecuteAsync(PostgreSqlOutbox.Script());
        await using var node = await ShopNode.StartAsync(database, builder => Register(builder, database.Source));
        await node.PriceAsync(database, 4);
        var state = await ChangeAsync(database.Source, node.Outbox, 4, 12, TestContext.Current.CancellationToken);
        Assert.Equal((ReceiptState.Applied, 12m), (state, await node.PriceAsync(database, 4)));
    }

    private static void Register(IUnstaleBuilder unstale, NpgsqlDataSource dataSource)
    {
        unstale.UsePostgreSqlOutbox(o =>
        {
            o.DataSource = dataSource;                                      // default: the NpgsqlDataSource of the container
            o.PollInterval = TimeSpan.FromMilliseconds(200);
        });
    }

    private static async Task<ReceiptState?> ChangeAsync(NpgsqlDataSource dataSource, PostgreSqlOutbox outbox, int id, decimal price, CancellationToken token)
    {
        await using var connection = await dataSource.OpenConnectionAsync(token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        await connection.ExecuteAsync("UPDATE products SET price = @price WHERE id = @id", new { id, price }, transaction);
        await outbox.AddAsync(connection, transaction, new Change("products", $"{id}") { Fields = ["price"] }, token);
        var receipt = await outbox.CommitAsync(transaction, token);         // commits, then invalidates
        return receipt?.State;
    }
}
