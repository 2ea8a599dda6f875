using System.Data.Common;
using Dapper;

namespace Shop.Orders;

/// <summary>SQL of orders, the same for both databases.</summary>
internal static class OrderTable
{
    private const string Columns =
        "id, customer, product_id AS ProductId, product_name AS ProductName, price_in_cents AS PriceInCents, quantity";

    /// <summary>Inserts an order and returns it, or null if there is no such product.</summary>
    public static Task<Order?> InsertAsync(DbTransaction transaction, CreateOrder command, CancellationToken cancellationToken) =>
        OneAsync(
            transaction.Connection!,
            $"""
            INSERT INTO orders (customer, product_id, product_name, price_in_cents, quantity)
            SELECT @Customer, id, name, price_in_cents, @Quantity FROM products WHERE id = @ProductId
            RETURNING {Columns}
            """,
            command,
            transaction,
            cancellationToken);

    /// <summary>Deletes an order and returns it, or null if there was none.</summary>
    public static Task<Order?> DeleteAsync(DbTransaction transaction, CancelOrder command, CancellationToken cancellationToken) =>
        OneAsync(transaction.Connection!, $"DELETE FROM orders WHERE id = @Id RETURNING {Columns}", command, transaction, cancellationToken);

    public static Task<Order?> FindAsync(DbConnection connection, GetOrder query, CancellationToken cancellationToken) =>
        OneAsync(connection, $"SELECT {Columns} FROM orders WHERE id = @Id", new { query.Id }, null, cancellationToken);

    public static async Task<OrderList> ListAsync(DbConnection connection, ListOrders query, CancellationToken cancellationToken)
    {
        var which = query.Customer is null ? "" : "WHERE customer = @Customer";
        var rows = await connection.QueryAsync<OrderRow>(new CommandDefinition(
            $"SELECT {Columns} FROM orders {which} ORDER BY id DESC LIMIT 100", new { query.Customer }, cancellationToken: cancellationToken));
        return new([.. rows.Select(static row => row.ToOrder())]);
    }

    private static async Task<Order?> OneAsync(
        DbConnection connection, string sql, object values, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        var row = await connection.QuerySingleOrDefaultAsync<OrderRow>(
            new CommandDefinition(sql, values, transaction, cancellationToken: cancellationToken));
        return row?.ToOrder();
    }
}
