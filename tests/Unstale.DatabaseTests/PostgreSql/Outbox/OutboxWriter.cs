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

    /// <summary>Raises the price of a product by 1, and commits over the outbox or past it.</summary>
    public static async Task RaisePriceAsync(this PostgreSqlOutbox outbox, ShopDatabase database, int id, bool isCommittedByOutbox)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("UPDATE products SET price = price + 1 WHERE id = @id", new { id }, transaction);
        await outbox.AddAsync(connection, transaction, new Change("products", $"{id}") { Fields = ["price"] });
        if (isCommittedByOutbox)
            await outbox.CommitAsync(transaction);
        else
            await transaction.CommitAsync();
    }

    public static Task<long> UnsentAsync(this ShopDatabase database) => database.QueryAsync<long>("SELECT count(*) FROM unstale.outbox WHERE sent_at IS NULL");
}
