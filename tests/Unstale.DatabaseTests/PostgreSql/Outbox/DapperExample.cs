using Dapper;
using Npgsql;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.PostgreSql;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>Recipe of the page about PostgreSQL: rows with Dapper and the outbox.</summary>
[Collection<PostgresCollection>]
public sealed class DapperExample(PostgresServer server)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_written_row_invalidates_the_lists_that_it_leaves_enters_or_changes_and_no_other()
    {
        await using var database = await ShopDatabase.CreateAsync(server);
        await database.ExecuteAsync(PostgreSqlOutbox.Script());
        await using var node = await ShopNode.StartWithOutboxAsync(database, static o => o.IsRelay = false); // a relay may send a row twice
        await using var other = await ShopNode.StartWithOutboxAsync(database, static o => o.IsRelay = false);
        (string Sql, int Id, string Gone)[] steps =
        [
            ("UPDATE products SET category = 2 WHERE id = @id", 4, "1 2"),
            ("INSERT INTO products VALUES (@id, 0, 10, 'new')", 1000, "0"),
            ("UPDATE products SET price = 11 WHERE id = @id", 1000, ""),
            ("UPDATE products SET name = 'other' WHERE id = @id", 1000, "0"),
            ("UPDATE products SET price = price, name = name WHERE id = @id", 1000, ""),
            ("DELETE FROM products WHERE id = @id", 1000, "0"),
        ];
        foreach (var (sql, id, gone) in steps)
        {
            foreach (var category in new[] { 0, 1, 2 })
                Assert.NotEmpty(await NamesAsync(other.Cache, database.Source, category, Stop));
            var receipt = await WriteAsync(database.Source, node.Outbox, id, sql, Stop);
            await other.Cache.WaitForPositionAsync(receipt!.Positions, cancellationToken: Stop);
            Assert.Equal(gone, string.Join(' ', new[] { 0, 1, 2 }.Where(category => !other.Cache.TryGet<List<string>>($"names:{category}", out _))));
        }

        Assert.Null(await WriteAsync(database.Source, node.Outbox, 1000, "DELETE FROM products WHERE id = @id", Stop));
        Assert.Equal(2, await MoveAsync(database.Source, node.Outbox, 5, 2, Stop));
    }

    private static ValueTask<List<string>> NamesAsync(UnstaleCache cache, NpgsqlDataSource dataSource, int category, CancellationToken token) =>
        cache.GetOrCreateAsync($"names:{category}", async (context, token) =>
        {
            context.DependsOn(Predicate.On("products").Where("category", category).Using("name"));
            await using var connection = await dataSource.OpenConnectionAsync(token);
            return (await connection.QueryAsync<string>("SELECT name FROM products WHERE category = @category", new { category })).AsList();
        }, cancellationToken: token);

    private static async Task<int> MoveAsync(NpgsqlDataSource dataSource, PostgreSqlOutbox outbox, int id, int category, CancellationToken token)
    {
        await using var connection = await dataSource.OpenConnectionAsync(token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        await outbox.WriteRowAsync(transaction, "products", id, "UPDATE products SET category = @category WHERE id = @id", new { id, category }, token);
        await outbox.CommitAsync(transaction, token);
        return await connection.QuerySingleAsync<int>("SELECT category FROM products WHERE id = @id", new { id });
    }

    private static async Task<InvalidationReceipt?> WriteAsync(NpgsqlDataSource dataSource, PostgreSqlOutbox outbox, int id, string sql, CancellationToken token)
    {
        await using var connection = await dataSource.OpenConnectionAsync(token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        await outbox.WriteRowAsync(transaction, "products", id, sql, new { id }, token);
        return await outbox.CommitAsync(transaction, token);
    }
}
