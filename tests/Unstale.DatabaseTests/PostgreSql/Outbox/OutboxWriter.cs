using Dapper;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.PostgreSql;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>Writes of the shop with their rows in the outbox.</summary>
internal static class OutboxWriter
{
    public static readonly Change Price4 = new("products", "4") { Fields = ["price"] };

    /// <summary>Sets the price of product 4 and commits over the outbox.</summary>
    public static Task<InvalidationReceipt?> SetPriceAsync(this PostgreSqlOutbox outbox, ShopDatabase database, decimal price) =>
        outbox.SetPriceAsync(database, price, static async (outbox, transaction) => await outbox.CommitAsync(transaction));

    public static async Task<InvalidationReceipt?> SetPriceAsync(
        this PostgreSqlOutbox outbox, ShopDatabase database, decimal price, Func<PostgreSqlOutbox, Npgsql.NpgsqlTransaction, Task<InvalidationReceipt?>> end)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("UPDATE products SET price = @price WHERE id = 4", new { price }, transaction);
        await outbox.AddAsync(connection, transaction, Price4);
        return await end(outbox, transaction);
    }

    public static Task<long> UnsentAsync(this ShopDatabase database) => database.QueryAsync<long>("SELECT count(*) FROM unstale.outbox WHERE sent_at IS NULL");
}
